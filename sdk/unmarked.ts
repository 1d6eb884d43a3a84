import { COPY_DATABASE } from "./copy-store.ts";
import { OUTBOX_DATABASE, OUTBOX_KEY, put } from "./disk.ts";
import type { Page } from "./part.ts";

/**
 * Looks for what an earlier page could not mark: an outbox, since the disk was full of what the shop itself stores; a copy
 * of the log, since the browser was killed, and what it had in localStorage with it. The names of databases are asked for,
 * none is opened.
 */
export async function findUnmarked(page: Page): Promise<void> {
  const databases = (await indexedDB.databases()).map(({ name }) => name);
  const isOutbox = !page.disk[OUTBOX_KEY] && databases.includes(OUTBOX_DATABASE);
  if (isOutbox) put(page, OUTBOX_KEY, "1");
  if (isOutbox || databases.includes(COPY_DATABASE)) await page.use("recover");
}

import { OUTBOX_DATABASE, OUTBOX_KEY, put } from "./disk.ts";
import type { Page } from "./part.ts";

/**
 * Looks for an outbox that an earlier page could not mark, since the disk was full of what the shop itself stores. The
 * names of databases are asked for, none is opened.
 */
export async function findUnmarked(page: Page): Promise<void> {
  const databases = await indexedDB.databases();
  if (page.disk[OUTBOX_KEY] || !databases.some(({ name }) => name === OUTBOX_DATABASE)) return;
  put(page, OUTBOX_KEY, "1");
  await page.use("recover");
}

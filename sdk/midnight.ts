import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import { put, SESSION_KEY } from "./disk.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";

let isStarted = false;

/** With `data-tm-use="midnight"` a session ends with the visitor's day: what happens after it belongs to another. */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  const { onLogged } = page;
  page.onLogged = safe(() => {
    onLogged?.();
    endAtMidnight(page, Date.now());
  });
  endAtMidnight(page, Date.now());
}

/** Notes an activity so far back that the gap ends at midnight, whichever page of the shop is the next to look. */
export function endAtMidnight(page: Pick<Page, "disk">, nowMs: number): void {
  const [id, , ...campaign] = (page.disk[SESSION_KEY] ?? "").split(" ");
  const endMs = new Date(nowMs).setHours(24, 0, 0, 0);
  if (id && nowMs + SESSION_GAP_MS > endMs)
    put(page, SESSION_KEY, [id, endMs - SESSION_GAP_MS, ...campaign].join(" "));
}

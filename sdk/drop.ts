import type { Page } from "./part.ts";

/** Counts events that were given up; the batches that follow say so. */
export function drop(page: Page, reason: string, count: number): void {
  page.dropped ??= {};
  page.dropped[reason] = (page.dropped[reason] ?? 0) + count;
  page.seal();
}

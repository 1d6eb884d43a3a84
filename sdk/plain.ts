import type { Page } from "./part.ts";

/** What a page may still send while it is being left is 64 KiB (Fetch standard, keepalive). */
const LEAVING_CHARS_MAX = 60_000;

/**
 * Chromium's gzip ends within the task that leaves the page. That of others (Firefox) takes longer than the page has: they
 * send as much as it may uncompressed.
 */
export function leaveUncompressed(page: Page): void {
  if (/Chrom/.test(navigator.userAgent)) return;
  const { plainCharsMax } = page;
  // On the document, so that it runs before the tag's own, on the window.
  document.addEventListener("visibilitychange", () => {
    page.plainCharsMax = document.hidden ? LEAVING_CHARS_MAX : plainCharsMax;
  });
}

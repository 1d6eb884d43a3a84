import { LOG_PREFIX, segmentNames } from "./disk.ts";
import { streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { ignore } from "./safe.ts";

/** A page that has just opened has others to do, and most have sent their log by then. */
const LOCK_AFTER_MS = 2_000;
/** Nobody sends a younger log of another page: that page may not have its lock yet. */
const YOUNG_MS = 3_000;

/** While the page is visible and something was logged, a lock says that its log is not anybody's to send. */
export function holdLock(page: Page): void {
  const { onLogged } = page;
  let isEarly = true;
  let held = "";
  let release: () => void = ignore;

  function hold(): void {
    if (isEarly || held === page.ownStream) return;
    release();
    const stream = page.ownStream;
    held = stream;
    // May be released before it is there.
    const untilReleased = new Promise<void>((done) => {
      release = done;
    });
    // In a task of its own: a page that is being left has none. What it asked for then it would keep in Firefox'
    // back/forward cache, and nobody could send its last events.
    setTimeout(() => navigator.locks?.request(LOG_PREFIX + stream, () => untilReleased).catch(ignore));
  }

  page.onLogged = () => {
    onLogged?.();
    hold();
  };
  setTimeout(() => {
    isEarly = false;
    if (segmentNames(page.disk).some((name) => streamOf(name) === page.ownStream)) hold();
  }, LOCK_AFTER_MS);
  // After the tag has done the same: what it logs from then on is another stream.
  addEventListener("visibilitychange", () => {
    if (document.hidden) release();
  });
}

/** How long a stream is to be left alone; none where the clock was moved. */
export function youngForMs(stream: string): number {
  const ageMs = Date.now() - Number.parseInt(stream.slice(1), 36);
  return ageMs >= 0 && ageMs < YOUNG_MS ? YOUNG_MS - ageMs : 0;
}

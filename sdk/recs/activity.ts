import { safe } from "../safe.ts";

/** What a visitor does with a page, and coming back to it. */
const EVENTS = ["pointermove", "pointerdown", "keydown", "scroll", "focus", "visibilitychange"];
const EVERY_MS = 1000;

/** Calls `run` while the visitor does something on the page in front, at most once a second; there is no timer. */
export function onActivity(run: () => void): void {
  let lastMs = 0;
  const hear = safe(() => {
    const nowMs = Date.now();
    if (document.hidden || Math.abs(nowMs - lastMs) < EVERY_MS) return;
    lastMs = nowMs;
    run();
  });
  for (const type of EVENTS) addEventListener(type, hear, { capture: true, passive: true });
}

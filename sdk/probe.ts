import type { ProbeAnswer } from "../collector/event/batch.ts";
import { cut } from "./batch.ts";
import { readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { backoffMs } from "./retry.ts";
import { retryDelayMs } from "./retry-after.ts";

/** Where three replies of ten are lost, one batch of a hundred that arrived is sent again. */
const TRIES = 4;
const ANSWER_WITHIN_MS = 10_000;
/** After this no other try: a collector that is silent has lost more than an answer. */
const TRIES_WITHIN_MS = 10_000;

/** So many answers in a row that ask to wait are obeyed; the next one the events themselves shall get. */
const WAITS_MAX = 4;

/**
 * Cuts what the collector has already of a log without damage. Without an answer all is sent: dedupe makes a second copy harmless. When it asks
 * to wait, the page is held.
 */
export async function probe(page: Page, stream: string): Promise<void> {
  const segments = readBatches(page.disk, stream, Number.POSITIVE_INFINITY);
  const [first] = segments;
  if (!first) return;
  const session: string = JSON.parse(first.head).session;
  const url = `${page.batchesUrl}/${encodeURIComponent(stream)}${page.keyQuery}&session=${encodeURIComponent(session)}`;
  const untilMs = Date.now() + TRIES_WITHIN_MS;
  for (let tries = 0; !page.hasNoProbe && tries < TRIES && Date.now() < untilMs; tries++) {
    if (tries > 0) await new Promise((done) => setTimeout(done, backoffMs(tries - 1, Math.random())));
    // Something else was sent meanwhile, and had no answer either.
    if (page.isHeld) return;
    try {
      const reply = await fetch(url, {
        credentials: "omit",
        signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) ?? null,
      });
      if (isUseless(page, reply)) return;
      const { ranges }: ProbeAnswer = await reply.json();
      for (const segment of segments) {
        const last = segment.seq + segment.lines.length - 1;
        if (ranges.some((range) => range[0] <= segment.seq && last <= range[1])) cut(page.disk, segment);
      }
      page.probeWaits = 0;
      return;
    } catch {
      // The answer was lost again, or is somebody else's.
    }
  }
}

/** An answer after which it is no use to ask again now. */
function isUseless(page: Page, { status, headers }: Response): boolean {
  page.hasNoProbe ||= status === 404 || status === 405;
  const waits = page.probeWaits ?? 0;
  if ((status === 429 || status === 503) && waits < WAITS_MAX) {
    page.probeWaits = waits + 1;
    page.isHeld = true;
    page.resumeAfter(retryDelayMs(waits, Number(headers.get("retry-after")) * 1000 || 0, Math.random()));
    return true;
  }
  return status >= 400 && status < 500;
}

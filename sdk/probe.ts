import type { ProbeAnswer } from "../collector/event/batch.ts";
import { cut } from "./batch.ts";
import { readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { backoffMs } from "./retry.ts";

/** A probe whose answer is lost is repeated before the events themselves are. */
const TRIES = 2;
const ANSWER_WITHIN_MS = 10_000;

/** Cuts what the collector has already. Without an answer all is sent: dedupe makes a second copy harmless. */
export async function probe(page: Page, stream: string): Promise<void> {
  const segments = readBatches(page.disk, stream, Number.POSITIVE_INFINITY);
  for (let tries = 0; segments[0] && tries < TRIES; tries++) {
    const { session } = JSON.parse(segments[0].head);
    try {
      const reply = await fetch(`${page.batchesUrl}/${stream}${page.keyQuery}&session=${session}`, {
        credentials: "omit",
        signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) ?? null,
      });
      const { ranges }: ProbeAnswer = await reply.json();
      for (const segment of segments) {
        const last = segment.seq + segment.lines.length - 1;
        if (ranges.some((range) => range[0] <= segment.seq && last <= range[1])) cut(page.disk, segment);
      }
      return;
    } catch {
      // The answer was lost again, or the collector has no such route.
      await new Promise((done) => setTimeout(done, backoffMs(tries, Math.random())));
    }
  }
}

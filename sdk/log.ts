import { BATCH_EVENTS_MAX } from "../collector/event/limits.ts";
import type { Batch } from "./batch.ts";
import { type Disk, segmentNames } from "./disk.ts";

/** A batch may cost this much: so many characters before gzip, or so many events. */
const BATCH_COST_MAX = 400_000;
const EVENT_COST: number = BATCH_COST_MAX / BATCH_EVENTS_MAX;

export function streamOf(name: string): string {
  return name.split(":")[1] as string;
}

/**
 * The segments of one stream as contiguous runs with one head, each as large as a request may be.
 *
 * @param charCost - more than 1 makes smaller batches, `Infinity` one for each segment
 */
export function readBatches(disk: Disk, stream: string, charCost = 1): Batch[] {
  const batches: Batch[] = [];
  let last: Batch | undefined;
  let cost = 0;
  const names = segmentNames(disk).filter((name) => streamOf(name) === stream);
  for (const name of names.sort((a, b) => firstSeq(a) - firstSeq(b))) {
    const text = disk[name] as string;
    const [head, ...lines] = text.split("\n") as [string, ...string[]];
    const seq = firstSeq(name);
    const own = text.length * charCost + lines.length * EVENT_COST;
    cost += own;
    if (last?.head !== head || last.seq + last.lines.length !== seq || cost > BATCH_COST_MAX) {
      last = { head, seq, lines: [], texts: {} };
      batches.push(last);
      cost = own;
    }
    last.lines.push(...lines);
    last.texts[name] = text;
  }
  return batches;
}

function firstSeq(name: string): number {
  return +(name.split(":")[2] as string);
}

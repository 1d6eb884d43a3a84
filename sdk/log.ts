import { BATCH_EVENTS_MAX } from "../collector/event/limits.ts";
import type { Batch } from "./batch.ts";
import { type Disk, LOG_PREFIX, put, segmentNames } from "./disk.ts";

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

/**
 * A batch of several events as two, between segments; a single segment becomes two on the disk as well. Events keep
 * their `seq`. None where the log is not what it was.
 */
export function halves(page: { disk: Disk }, { texts }: Batch): Batch[] {
  const [name, ...more] = Object.keys(texts) as [string, ...string[]];
  const parts = Object.entries(more.length > 0 ? texts : splitSegment(page, name, texts[name] as string));
  const middle = parts.length >> 1;
  return [parts.slice(0, middle), parts.slice(middle)].flatMap((half) =>
    readBatches(Object.fromEntries(half), streamOf(name)),
  );
}

function splitSegment(page: { disk: Disk }, name: string, text: string): Disk {
  if (page.disk[name] !== text) return {};
  const [head, ...lines] = text.split("\n") as [string, ...string[]];
  const middle = lines.length >> 1;
  const first = [head, ...lines.slice(0, middle)].join("\n");
  const second = [head, ...lines.slice(middle)].join("\n");
  const secondName = `${LOG_PREFIX}${streamOf(name)}:${firstSeq(name) + middle}`;
  // The second first: a page that dies in between leaves events twice under one identity, not none of them.
  put(page, secondName, second);
  put(page, name, first);
  return { [name]: first, [secondName]: second };
}

export function firstSeq(name: string): number {
  return +(name.split(":")[2] as string);
}

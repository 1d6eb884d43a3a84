import { BATCH_EVENTS_MAX } from "../collector/event/limits.ts";
import { type Disk, LOG_PREFIX } from "./disk.ts";

/**
 * The write-ahead log: events are on the disk before anything is sent, in small segments.
 * Name `tm:<stream>:<seq of its first event>`; value: the head as one line of JSON, then a line for each event.
 * A segment is rewritten while it is open and never again once it is sealed, so it can be sent and cut whole.
 */
export interface Batch {
  head: string;
  seq: number;
  lines: string[];
  /** The segments it was read from, and what they said then. */
  names: string[];
  texts: string[];
}

/** A batch may cost this much: so many characters before gzip, or so many events. */
const BATCH_COST_MAX = 400_000;
const EVENT_COST: number = BATCH_COST_MAX / BATCH_EVENTS_MAX;

/** Names of the segments of one stream, or of all. */
export function segmentNames(disk: Disk, stream = ""): string[] {
  return Object.keys(disk).filter((name) => name.startsWith(LOG_PREFIX + stream));
}

export function streamOf(name: string): string {
  return name.split(":")[1] as string;
}

/**
 * The segments of one stream as contiguous runs with one head, each as large as a request may be.
 *
 * @param charCost - more than 1 makes smaller batches, `Infinity` one for each segment
 * @param except - names of segments to leave out
 */
export function readBatches(disk: Disk, stream: string, charCost = 1, except?: Set<string>): Batch[] {
  const batches: Batch[] = [];
  let last: Batch | undefined;
  let cost = 0;
  for (const name of segmentNames(disk, stream).sort((a, b) => firstSeq(a) - firstSeq(b))) {
    if (except?.has(name)) continue;
    const text = disk[name] as string;
    const [head, ...lines] = text.split("\n") as [string, ...string[]];
    const seq = firstSeq(name);
    const own = text.length * charCost + lines.length * EVENT_COST;
    cost += own;
    if (last?.head !== head || last.seq + last.lines.length !== seq || cost > BATCH_COST_MAX) {
      last = { head, seq, lines: [], names: [], texts: [] };
      batches.push(last);
      cost = own;
    }
    last.lines.push(...lines);
    last.names.push(name);
    last.texts.push(text);
  }
  return batches;
}

/** Removes the segments of a batch, unless they changed since they were read. */
export function cut(disk: Disk, { names, texts }: Batch): void {
  names.map((name, index) => disk[name] === texts[index] && delete disk[name]);
}

function firstSeq(name: string): number {
  return +(name.split(":")[2] as string);
}

import type { Disk } from "./disk.ts";
import type { Answer } from "./verdict.ts";

/**
 * The write-ahead log: events are on the disk before anything is sent, in small segments.
 * Name `tm:<stream>:<seq of its first event>`; value: the head as one line of JSON, then a line for each event.
 * A segment is rewritten while it is open and never again once it is sealed, so it can be sent and cut whole.
 * A batch is what one request carries: segments that follow each other under one head.
 */
export interface Batch {
  head: string;
  seq: number;
  lines: string[];
  /** By name, what its segments said last. */
  texts: Record<string, string>;
  /** To the last try; false where there was none. */
  reply?: Response | false;
  /** What it says, where that could be read. */
  answer?: Answer;
}

/** Of the request that carries it. */
export function bodyOf({ head, seq, lines }: Batch): string {
  return `${head.slice(0, -1)},"seq":${seq},"sentAtMs":${Date.now()},"events":[${lines}]}`;
}

/** Removes the segments of a batch, unless they changed since they were read. */
export function cut(disk: Disk, { texts }: Batch): void {
  for (const name in texts) if (disk[name] === texts[name]) delete disk[name];
}

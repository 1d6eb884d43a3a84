import type { Sample } from "../collector/event/batch.ts";
import { laneOf } from "../collector/event/lane.ts";
import type { Batch } from "./batch.ts";
import { OUTBOX_KEY, pageDisk, put } from "./disk.ts";
import { drop } from "./drop.ts";
import { readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { type Segment, thin } from "./thin.ts";

/** Of this stream what is before this `seq` stays: it was sent, or has had its one chance to be left out. */
let decided: { stream: string; seq: number } = { stream: "", seq: 0 };

/** Somebody may have heard of these events: what became of a request is not always known. */
export function keep({ ownStream }: Page, { seq, lines }: Batch): void {
  if (decided.stream !== ownStream) decided = { stream: ownStream, seq: 0 };
  decided.seq = Math.max(decided.seq, seq + lines.length);
}

/** The log of a page that was left is anybody's to send, until the page begins another. */
let leftStream = "";

export function leave({ ownStream }: Page): void {
  leftStream = ownStream;
}

/** Leaves out events that an overloaded collector asked for a share of, of what was never in a request. */
export function sample(page: Page, random: () => number): void {
  const shares = page.hints.sample;
  if (!shares || isShared(page)) return;
  page.seal();
  for (const batch of page.batches) if (batch.reply !== undefined) keep(page, batch);
  const fromSeq = decided.stream === page.ownStream ? decided.seq : 0;
  let count = 0;
  for (const batch of [...page.batches]) {
    keep(page, batch);
    const left: Record<string, string> = {};
    const before = count;
    for (const [name, text] of Object.entries(batch.texts)) {
      const isKept = (event: string, seq: number): boolean =>
        seq < fromSeq || random() < shareOf(shares, event);
      const { runs, dropped } = thin({ name, text }, isKept);
      count += dropped;
      const rest = dropped > 0 ? closedUp(name, runs) : runs;
      if (dropped > 0) replace(page, name, rest);
      for (const run of rest) left[run.name] = run.text;
    }
    if (count === before) continue;
    page.batches.delete(batch);
    for (const rest of readBatches(left, page.ownStream)) page.batches.add(rest);
  }
  if (count > 0) drop(page, "sampled", count);
}

/**
 * Whether others may have what is in the log, and send it as it was: once the page was left, or with a copy in the
 * outbox, or on a full disk, whose copies are in the memory of other tabs too.
 */
function isShared({ disk, ownStream }: Page): boolean {
  return ownStream === leftStream || disk !== pageDisk() || OUTBOX_KEY in disk;
}

/**
 * One segment again, whose events move up: nobody has heard of their `seq`, since their page has sent none of them and
 * its lock keeps the others away. Without locks each stays where it is.
 */
function closedUp(name: string, runs: Segment[]): Segment[] {
  const [first] = runs;
  if (!navigator.locks || !first) return runs;
  const [head] = first.text.split("\n");
  return [{ name, text: [head, ...runs.flatMap(({ text }) => text.split("\n").slice(1))].join("\n") }];
}

/** The others are wanted whole, whatever somebody else's collector may say. */
function shareOf(shares: Sample, event: string): number {
  const lane = laneOf(event);
  return lane === "metric" || lane === "log" ? (shares[lane] ?? 1) : 1;
}

/** The rest first: a page that dies in between leaves an event twice under one identity, not none of it. */
export function replace(page: Pick<Page, "disk">, name: string, runs: readonly Segment[]): void {
  for (const run of runs) if (run.name !== name) put(page, run.name, run.text);
  const first = runs.find((run) => run.name === name);
  if (first) put(page, name, first.text);
  else delete page.disk[name];
}

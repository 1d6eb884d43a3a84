import type { Receipt } from "../../collector/event/batch.ts";

/** A contiguous run of one stream's events. */
export interface Run {
  session: string;
  stream: string;
  seq: number;
  count: number;
}

/**
 * One line of the history, as Jepsen has it: what was asked, and what is known of it. "info" is neither yes nor no:
 * the answer was lost, so it may have happened, or happen yet.
 */
export interface Operation extends Run {
  atMs: number;
  type: "invoke" | "ok" | "fail" | "info";
  what: "send" | "probe";
  /** A receipt, the ranges of a probe, or why there is none. */
  said?: string;
}

/** What the sender knows of one event. */
const SENT = 1;
const ACKNOWLEDGED = 2;

interface StreamKnowledge {
  session: string;
  /** By `seq`. */
  states: number[];
}

/** Sums of the receipts. */
interface ReceiptSums {
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
}

/** How many of the newest operations are kept for whoever looks for the cause of a violation. */
const OPERATIONS_KEPT = 200_000;

/** What the senders did and were told, kept outside of what is killed. */
export class History {
  readonly #streams = new Map<string, StreamKnowledge>();
  readonly #isInvalid: (stream: string, seq: number) => boolean;
  readonly operations: Operation[] = [];
  /** What no answer may say, in words. */
  readonly violations: string[] = [];
  readonly sums: ReceiptSums = { accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
  /** Events of requests without a known end: each may have come to a shard or not. */
  unanswered = 0;
  /** Events that belong into reports: that were sent, and of them those that are on disk as the sender knows. */
  readonly valid = { sent: 0, acknowledged: 0 };
  acceptedBatches = 0;

  /** @param isInvalid - whether the event is one that is rejected */
  constructor(isInvalid: (stream: string, seq: number) => boolean) {
    this.#isInvalid = isInvalid;
  }

  invoke(what: "send" | "probe", run: Run): void {
    this.#note("invoke", what, run);
    if (what === "probe") return;
    const { states } = this.#stream(run);
    for (let seq = run.seq; seq < run.seq + run.count; seq++) {
      if (states[seq] !== undefined) continue;
      states[seq] = SENT;
      if (!this.#isInvalid(run.stream, seq)) this.valid.sent++;
    }
  }

  /** Nothing of it happened: the request did not leave, or was refused as a whole. */
  fail(what: "send" | "probe", run: Run, why: string): void {
    this.#note("fail", what, run, why);
  }

  info(what: "send" | "probe", run: Run, why: string): void {
    this.#note("info", what, run, why);
    if (what === "send") this.unanswered += run.count;
  }

  receipt(run: Run, receipt: Receipt): void {
    this.#note("ok", "send", run, JSON.stringify(receipt));
    const { accepted, duplicate, quarantined, refused } = receipt;
    if (accepted + duplicate + quarantined + refused !== run.count)
      this.#violation(run, `a receipt that does not add up: ${JSON.stringify(receipt)}`);
    if (refused > 0) this.#violation(run, `events were refused: ${JSON.stringify(receipt)}`);
    const { states } = this.#stream(run);
    let known = 0;
    for (let seq = run.seq; seq < run.seq + run.count; seq++) {
      if (states[seq] === ACKNOWLEDGED) known++;
      this.#acknowledge(run.stream, states, seq);
    }
    if (duplicate < known)
      this.#violation(
        run,
        `${known} of its events were acknowledged before, ${duplicate} are called duplicates`,
      );
    this.sums.accepted += accepted;
    this.sums.duplicate += duplicate;
    this.sums.quarantined += quarantined;
    this.sums.refused += refused;
    this.acceptedBatches++;
  }

  /** A probe acknowledges as a receipt does: the page gives up its copy of what the collector says it has. */
  probed(run: Run, ranges: readonly [first: number, last: number][]): void {
    this.#note("ok", "probe", run, JSON.stringify(ranges));
    const { states } = this.#stream(run);
    const has = (seq: number): boolean => ranges.some(([first, last]) => first <= seq && seq <= last);
    for (const [seq, state] of states.entries())
      if (state === ACKNOWLEDGED && !has(seq))
        this.#violation(run, `${seq} was acknowledged, and a probe does not know it`);
    for (const [first, last] of ranges) {
      if (last >= states.length) this.#violation(run, `a probe knows ${last}, which was never sent`);
      for (let seq = first; seq <= Math.min(last, states.length - 1); seq++)
        this.#acknowledge(run.stream, states, seq);
    }
  }

  /** What must be stored, and what may be, as of now. */
  snapshot(): Expected {
    const streams = new Map([...this.#streams].map(([stream, { states }]) => [stream, states.slice()]));
    const { sums, unanswered } = this;
    return { streams, isInvalid: this.#isInvalid, sums: { ...sums }, unanswered };
  }

  #acknowledge(stream: string, states: number[], seq: number): void {
    if (states[seq] === ACKNOWLEDGED) return;
    states[seq] = ACKNOWLEDGED;
    if (!this.#isInvalid(stream, seq)) this.valid.acknowledged++;
  }

  #stream({ session, stream }: Run): StreamKnowledge {
    let known = this.#streams.get(stream);
    if (!known) {
      known = { session, states: [] };
      this.#streams.set(stream, known);
    }
    return known;
  }

  #note(type: Operation["type"], what: Operation["what"], run: Run, said?: string): void {
    if (this.operations.length >= OPERATIONS_KEPT) this.operations.splice(0, OPERATIONS_KEPT / 2);
    const { session, stream, seq, count } = run;
    const line: Operation = { atMs: Date.now(), type, what, session, stream, seq, count };
    this.operations.push(said === undefined ? line : { ...line, said });
  }

  #violation({ stream, seq, count }: Run, what: string): void {
    this.violations.push(`${stream} ${seq}-${seq + count - 1}: ${what}`);
  }
}

/** What a store is compared with. */
export interface Expected {
  /** By stream and `seq`: 0 never sent, 1 sent, 2 acknowledged. */
  streams: ReadonlyMap<string, readonly number[]>;
  isInvalid(stream: string, seq: number): boolean;
  sums: ReceiptSums;
  unanswered: number;
}

/** How often a store holds each event of the streams that it knows. */
export type Stored = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface Counted {
  acknowledged: number;
  /** Sent and never answered for: these may be stored or not. */
  ambiguous: number;
  /** Of the ambiguous ones, how many are stored. */
  ambiguousStored: number;
  lost: number;
  doubled: number;
  /** Stored without having been sent, or although they are invalid. */
  phantom: number;
  stored: number;
  /** Invalid events that must be in quarantine, and that may be. */
  quarantined: number;
  quarantinedMaybe: number;
  /** The first few of what is wrong. */
  examples: string[];
}

const EXAMPLES_MAX = 10;

/** Compares what was acknowledged with what is stored. Pure. */
export function compare({ streams, isInvalid }: Expected, stored: Stored): Counted {
  const counted: Counted = {
    acknowledged: 0,
    ambiguous: 0,
    ambiguousStored: 0,
    lost: 0,
    doubled: 0,
    phantom: 0,
    stored: 0,
    quarantined: 0,
    quarantinedMaybe: 0,
    examples: [],
  };
  const wrong = (what: "lost" | "doubled" | "phantom", stream: string, seq: number, times: number): void => {
    counted[what]++;
    if (counted.examples.length < EXAMPLES_MAX)
      counted.examples.push(`${stream}/${seq} is ${what}: stored ${times} times`);
  };
  for (const [stream, states] of streams) {
    const held = stored.get(stream);
    for (const [seq, state] of states.entries()) {
      const times = held?.get(seq) ?? 0;
      if (state === ACKNOWLEDGED) counted.acknowledged++;
      else if (state === SENT) counted.ambiguous++;
      if (isInvalid(stream, seq)) {
        if (state === ACKNOWLEDGED) counted.quarantined++;
        else if (state === SENT) counted.quarantinedMaybe++;
        if (times > 0) wrong("phantom", stream, seq, times);
        continue;
      }
      if (state === ACKNOWLEDGED && times === 0) wrong("lost", stream, seq, times);
      if (state === SENT && times > 0) counted.ambiguousStored++;
      if (times > 1) wrong("doubled", stream, seq, times);
    }
  }
  for (const [stream, events] of stored) {
    const states = streams.get(stream);
    for (const [seq, times] of events) {
      counted.stored += times;
      if ((states?.[seq] ?? 0) === 0) wrong("phantom", stream, seq, times);
    }
  }
  return counted;
}

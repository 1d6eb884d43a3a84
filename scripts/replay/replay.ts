import { setTimeout as sleepFor } from "node:timers/promises";
import type { Receipt } from "../../collector/event/batch.ts";
import { backoffMs, deliver } from "../shopper/delivery.ts";
import { type PlannedBatch, ReplayPlan } from "./plan.ts";
import type { Malformed } from "./row.ts";
import { openSessionFile, readRows } from "./session-file.ts";

export interface ReplayOptions {
  path: string;
  /** Where the system listens (default http://127.0.0.1:8787). */
  origin: string;
  writeKey: string;
  /** Batches on their way at the same time (default 8). */
  concurrency: number;
  /** Times real time; without it as fast as the server takes it. */
  speed?: number | undefined;
  /** Rows to send, from the start of the file. */
  limit?: number | undefined;
  /** Aborting stops reading; what is on its way is waited for. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Something a person should know now, for example that the server went away. */
  onNotice?: (line: string) => void;
  nowMs?: () => number;
  random?: () => number;
  fetch?: typeof fetch;
}

export interface Progress {
  /** Share of the file that was read, 0 to 1. */
  share: number;
  summary: ReplaySummary;
}

export interface ReplaySummary {
  fileId: string;
  /** Rows that left in a batch and were answered. */
  sent: number;
  batches: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
  retries: number;
  malformed: number;
  /** The first MALFORMED_SHOWN_MAX of them. */
  malformedRows: Malformed[];
  /** Receipts whose four numbers were not the number of rows of their batch. */
  wrongReceipts: number;
  /** How often each code came back, at most CODES_MAX codes. */
  codes: Record<string, number>;
  wasInterrupted: boolean;
  tookMs: number;
}

export const MALFORMED_SHOWN_MAX = 20;
const CODES_MAX = 32;
/** So long the server may be away before a replay gives up; running it again continues. */
const PATIENCE_MS = 120_000;
/** Before the first answer there is less patience: probably nothing listens there. */
const FIRST_PATIENCE_MS = 5_000;
/** What is sent ahead of its time with --speed is not sent early by more than this. */
const PACE_SLACK_MS = 5;

/** The server cannot be used, and what to do about it. */
export class ServerTrouble extends Error {}

/** Sends a session file through the public API. Running it again sends the same identities, so nothing counts twice. */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const file = await openSessionFile(options.path);
  const run = new ReplayRun(options, emptySummary(file.id));
  const plan = new ReplayPlan(file.id);
  const { summary } = run;
  let rows = 0;
  let share = 0;
  const report = (): void => options.onProgress?.({ share, summary: run.current() });
  const onMalformed = (row: Malformed): void => {
    summary.malformed++;
    if (summary.malformedRows.length < MALFORMED_SHOWN_MAX) summary.malformedRows.push(row);
  };
  const onBytes = (read: number): void => {
    share = file.bytes === 0 ? 1 : read / file.bytes;
  };
  try {
    for await (const row of readRows(file, onMalformed, onBytes)) {
      if (options.signal?.aborted) break;
      for (const batch of plan.push(row)) await run.send(batch, report);
      if (options.limit !== undefined && ++rows >= options.limit) break;
    }
    for (const batch of plan.end()) {
      if (options.signal?.aborted) break;
      await run.send(batch, report);
    }
  } finally {
    await run.settle();
  }
  summary.wasInterrupted = options.signal?.aborted ?? false;
  return run.current();
}

/** Whether each row that left is in exactly one of the four numbers. */
export function addsUp(summary: ReplaySummary): boolean {
  return (
    summary.wrongReceipts === 0 &&
    summary.sent === summary.accepted + summary.duplicate + summary.quarantined + summary.refused
  );
}

class ReplayRun {
  readonly summary: ReplaySummary;
  readonly #options: ReplayOptions;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  readonly #onTheWay = new Map<string, Promise<void>>();
  #firstEventMs: number | undefined;
  #answeredMs: number | undefined;
  #pausedUntilMs = 0;
  #isAway = false;
  #trouble: Error | undefined;

  constructor(options: ReplayOptions, summary: ReplaySummary) {
    this.#options = options;
    this.summary = summary;
    this.#nowMs = options.nowMs ?? (() => Date.now());
    this.#startedMs = this.#nowMs();
  }

  /** Waits for its turn, then lets the batch go without waiting for its answer. */
  async send(batch: PlannedBatch, report: () => void): Promise<void> {
    await this.#pace(batch);
    // Two batches of one session keep their order; the rest may overtake each other.
    await this.#onTheWay.get(batch.session);
    while (this.#onTheWay.size >= this.#options.concurrency) await Promise.race(this.#onTheWay.values());
    if (this.#trouble !== undefined) throw this.#trouble;
    if (this.#options.signal?.aborted) return;
    const sending = this.#deliver(batch)
      .catch((error: Error) => {
        this.#trouble ??= error;
      })
      .finally(() => {
        this.#onTheWay.delete(batch.session);
        report();
      });
    this.#onTheWay.set(batch.session, sending);
  }

  async settle(): Promise<void> {
    await Promise.all(this.#onTheWay.values());
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  current(): ReplaySummary {
    this.summary.tookMs = this.#nowMs() - this.#startedMs;
    return this.summary;
  }

  async #deliver({ session, stream, seq, events }: PlannedBatch): Promise<void> {
    const { origin, writeKey, random = Math.random, signal } = this.#options;
    for (let attempt = 0; ; attempt++) {
      await this.#sleepUntil(this.#pausedUntilMs);
      // What was interrupted is neither sent nor answered; the next run sends it.
      if ((signal?.aborted || this.#trouble !== undefined) && attempt > 0) return;
      const sentAtMs = this.#nowMs();
      const body = { session, stream, seq, sentAtMs, visitor: session, source: "replay", events };
      const delivery = await deliver(
        { origin, writeKey, ...(this.#options.fetch && { fetch: this.#options.fetch }) },
        body,
      );
      switch (delivery.outcome) {
        case "accepted":
          this.#answered();
          return this.#count(delivery.receipt, events.length);
        case "refused":
          this.#answered();
          return this.#refuse(delivery.status, delivery.detail, events.length);
        case "retry": {
          this.summary.retries++;
          if (delivery.reason === "overloaded") this.#answeredMs = this.#nowMs();
          else this.#missing(delivery.detail);
          const waitMs = delivery.afterMs ?? backoffMs(attempt, random);
          this.#pausedUntilMs = Math.max(this.#pausedUntilMs, sentAtMs + waitMs);
        }
      }
    }
  }

  #count(receipt: Receipt, events: number): void {
    const { summary } = this;
    summary.batches++;
    summary.sent += events;
    summary.accepted += receipt.accepted;
    summary.duplicate += receipt.duplicate;
    summary.quarantined += receipt.quarantined;
    summary.refused += receipt.refused;
    if (receipt.accepted + receipt.duplicate + receipt.quarantined + receipt.refused !== events)
      summary.wrongReceipts++;
    for (const { code } of receipt.errors ?? []) this.#countCode(code, 1);
  }

  #refuse(status: number, detail: string, events: number): void {
    if (status === 401 || status === 403) {
      throw new ServerTrouble(
        `${this.#options.origin} does not take the key ${this.#options.writeKey} (${status}). Give the site's write key with --key.`,
      );
    }
    if (status === 404) {
      throw new ServerTrouble(
        `${this.#options.origin} has no /v1/batches: it is no Tidemark. Give its address with --url.`,
      );
    }
    this.summary.batches++;
    this.summary.sent += events;
    this.summary.refused += events;
    this.#countCode(problemCode(detail) ?? `status ${status}`, events);
  }

  #countCode(code: string, count: number): void {
    const { codes } = this.summary;
    const name = code in codes || Object.keys(codes).length < CODES_MAX ? code : "others";
    codes[name] = (codes[name] ?? 0) + count;
  }

  #answered(): void {
    this.#answeredMs = this.#nowMs();
    if (this.#isAway) this.#options.onNotice?.("the server answers again");
    this.#isAway = false;
  }

  /** The server does not answer: wait a while, then give up with what can be done. */
  #missing(detail: string): void {
    const nowMs = this.#nowMs();
    const { origin } = this.#options;
    if (this.#answeredMs === undefined && nowMs - this.#startedMs > FIRST_PATIENCE_MS) {
      throw new ServerTrouble(
        `${origin} does not answer (${detail}). Start the system with npm start, or give its address with --url.`,
      );
    }
    if (this.#answeredMs !== undefined && nowMs - this.#answeredMs > PATIENCE_MS) {
      throw new ServerTrouble(
        `${origin} has not answered for ${PATIENCE_MS / 1000} s (${detail}). Run the same command again to continue; nothing counts twice.`,
      );
    }
    if (!this.#isAway) this.#options.onNotice?.(`the server does not answer (${detail}); trying again`);
    this.#isAway = true;
  }

  async #pace(batch: PlannedBatch): Promise<void> {
    const { speed } = this.#options;
    if (speed === undefined) return;
    this.#firstEventMs ??= batch.dueAtMs;
    await this.#sleepUntil(this.#startedMs + (batch.dueAtMs - this.#firstEventMs) / speed - PACE_SLACK_MS);
  }

  async #sleepUntil(atMs: number): Promise<void> {
    const waitMs = atMs - this.#nowMs();
    if (waitMs <= 0) return;
    const { signal } = this.#options;
    // An aborted sleep rejects; the caller asks the signal.
    await sleepFor(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

function emptySummary(fileId: string): ReplaySummary {
  return {
    fileId,
    sent: 0,
    batches: 0,
    accepted: 0,
    duplicate: 0,
    quarantined: 0,
    refused: 0,
    retries: 0,
    malformed: 0,
    malformedRows: [],
    wrongReceipts: 0,
    codes: {},
    wasInterrupted: false,
    tookMs: 0,
  };
}

/** The last part of a problem's `type`. */
function problemCode(detail: string): string | undefined {
  return /"type"\s*:\s*"[^"]*?([a-z_]+)"/.exec(detail)?.[1];
}

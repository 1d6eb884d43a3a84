import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type BatchBody, type ProbeAnswer, type Receipt, streamId } from "../../collector/event/batch.ts";
import { LOOPBACK } from "../host/free-port.ts";
import { type Random, token, wholeBetween } from "../shopper/chance.ts";
import type { History, Run } from "./history.ts";
import { eventOf } from "./page-events.ts";

/** As the tag does it, only sooner: it waits half a second before its first new try, and 30 s for an answer. */
const RETRY_MS = 20;
const RETRY_MAX_MS = 160;
const ANSWER_WITHIN_MS = 2_000;
export const BATCH_EVENTS_MAX = 20;
const STREAM_EVENTS_MAX = 400;
/** After a lost answer a few pages are closed for good: what they sent stays unknown. */
const LEAVE_SHARE = 0.05;
/** After a lost answer some batches go again with newer events behind them, as the tag's log is read anew. */
const GROW_SHARE = 0.2;
/** Streams of one session, which share orders. */
const SESSION_STREAMS = 4;

export interface PageOptions {
  writeKey: string;
  history: History;
  random: Random;
  /** Where requests go now: straight to the system, or through a proxy that breaks them. */
  port(): number;
  /** How long a page waits from one batch to the next. */
  gapMs: number;
  /** A batch has a receipt; `sentMs` is when it left, on the clock of `performance`. */
  onReceipt(sentMs: number): void;
}

type Answer =
  | { outcome: "answer"; status: number; text: string; retryAfterMs: number }
  | { outcome: "not sent"; why: string }
  | { outcome: "lost"; why: string };

/** A page that sends for ever: contiguous events of one stream after the other, and every word of it recorded. */
export class RecordingPage {
  readonly #options: PageOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #session = "";
  #stream = "";
  #bornAtMs = 0;
  #streams = 0;
  #seq = 0;
  #pause: Promise<void> | undefined;
  #isOver = false;
  #idle: (() => void) | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#open();
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.#deliver(this.#next());
      await sleep(this.#options.gapMs * (0.5 + this.#options.random()));
      this.#idle?.();
      await this.#pause;
    }
    this.#agent.destroy();
  }

  /** Resolves when nothing is on its way any more; the page goes on with the answer's call. */
  async pause(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pause = promise;
    await new Promise<void>((idle) => {
      this.#idle = idle;
    });
    this.#idle = undefined;
    return () => {
      this.#pause = undefined;
      resolve();
    };
  }

  end(): void {
    this.#isOver = true;
  }

  #open(): void {
    const { random } = this.#options;
    if (this.#streams++ % SESSION_STREAMS === 0) this.#session = `s${token(12, random)}`;
    this.#bornAtMs = Date.now();
    this.#stream = streamId(this.#bornAtMs, token(10, random));
    this.#seq = 0;
  }

  #next(): Run {
    if (this.#seq >= STREAM_EVENTS_MAX) this.#open();
    const count = wholeBetween(1, BATCH_EVENTS_MAX, this.#options.random);
    const run = { session: this.#session, stream: this.#stream, seq: this.#seq, count };
    this.#seq += count;
    return run;
  }

  /** Sends a run until its end is known, or leaves. */
  async #deliver(run: Run): Promise<void> {
    const { history, random } = this.#options;
    let isUnknown = false;
    for (let attempt = 0; ; attempt++) {
      if (isUnknown) {
        const ranges = await this.#probe(run);
        if (ranges?.some(([first, last]) => first <= run.seq && run.seq + run.count - 1 <= last)) return;
        if (ranges && random() < GROW_SHARE) {
          run.count++;
          this.#seq++;
        }
      }
      history.invoke("send", run);
      const sentMs = performance.now();
      const answer = await this.#ask("POST", `/v1/batches?key=${this.#options.writeKey}`, this.#body(run));
      if (answer.outcome === "answer" && answer.status === 200) {
        history.receipt(run, JSON.parse(answer.text) as Receipt);
        this.#options.onReceipt(sentMs);
        return;
      }
      let waitMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** attempt) * (0.5 + random() / 2);
      if (answer.outcome === "not sent") history.fail("send", run, answer.why);
      else if (answer.outcome === "lost") {
        history.info("send", run, answer.why);
        if (random() < LEAVE_SHARE) return this.#open();
        isUnknown = true;
      } else if (answer.status === 503 || answer.status === 429) {
        history.fail("send", run, `${answer.status} ${answer.text}`);
        waitMs = Math.max(waitMs, answer.retryAfterMs);
      } else {
        // A 500 says nothing of what was committed; any other answer is wrong, since all that is sent is in order.
        history.info("send", run, `${answer.status} ${answer.text}`);
        isUnknown = true;
        if (answer.status < 500) history.violations.push(`${answer.status} for a batch: ${answer.text}`);
      }
      await sleep(waitMs);
    }
  }

  /** The ranges that the collector has; undefined when the answer was lost again. */
  async #probe(run: Run): Promise<ProbeAnswer["ranges"] | undefined> {
    const { history, writeKey } = this.#options;
    history.invoke("probe", run);
    const path = `/v1/batches/${run.stream}?key=${writeKey}&session=${run.session}`;
    const answer = await this.#ask("GET", path);
    if (answer.outcome === "answer" && answer.status === 200) {
      const { ranges } = JSON.parse(answer.text) as ProbeAnswer;
      history.probed(run, ranges);
      return ranges;
    }
    history.fail("probe", run, answer.outcome === "answer" ? `${answer.status} ${answer.text}` : answer.why);
    return undefined;
  }

  #body({ session, stream, seq, count }: Run): string {
    const body: BatchBody = {
      session,
      stream,
      seq,
      visitor: `v-${session}`,
      events: Array.from({ length: count }, (_, at) => eventOf(stream, seq + at, this.#bornAtMs, session)),
    };
    return JSON.stringify(body);
  }

  #ask(method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((resolve) => {
      const headers = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const sent = request(
        { host: LOOPBACK, port: this.#options.port(), method, path, headers, agent: this.#agent },
        (reply) => {
          const chunks: Buffer[] = [];
          reply.on("data", (chunk: Buffer) => chunks.push(chunk));
          reply.on("error", (error) => resolve({ outcome: "lost", why: String(error) }));
          reply.on("end", () =>
            resolve({
              outcome: "answer",
              status: reply.statusCode ?? 0,
              text: Buffer.concat(chunks).toString(),
              retryAfterMs: Number(reply.headers["retry-after"] ?? 0) * 1000,
            }),
          );
        },
      );
      const timer = setTimeout(() => sent.destroy(new Error("no answer in time")), ANSWER_WITHIN_MS);
      sent.on("close", () => clearTimeout(timer));
      sent.on("error", (error: NodeJS.ErrnoException) =>
        resolve({
          outcome: error.code === "ECONNREFUSED" ? "not sent" : "lost",
          why: error.code ?? error.message,
        }),
      );
      sent.end(body);
    });
  }
}

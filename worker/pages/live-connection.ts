import type { LiveMessage } from "../../collector/event/live.ts";
import type { Answer, Api } from "./api.ts";
import { decodeLiveMessage } from "./live-message.ts";
import { retryDelayMs } from "./retry.ts";
import { pollSnapshot } from "./snapshot.ts";

/** Sockets that failed in a row, without one message, before the page polls instead. */
export const SOCKET_FAILURES_MAX = 4;
export const POLL_INTERVAL_MS = 5_000;
/** While polling, how many polls pass between two tries of a socket. */
const POLLS_PER_SOCKET = 12;

/** A socket whose network went away says nothing; a ping every 20 s that is not answered in time tells. */
export const PING_INTERVAL_MS = 20_000;
export const SILENCE_MAX_MS = 45_000;

/**
 * The collector sends a state when something happened. In a quiet shop the visitors of the last minutes
 * become fewer without an event; after this long the page asks.
 */
export const QUIET_MS = 20_000;

export type Connection =
  | { phase: "connecting" }
  | { phase: "live" }
  | { phase: "reconnecting"; attempt: number; retryAtMs: number }
  | { phase: "polling" }
  /** The tab is hidden: nothing is sent or received until someone looks. */
  | { phase: "paused" }
  /** The key was refused; only another key helps. */
  | { phase: "refused"; code: string };

export interface LiveOptions {
  api: Pick<Api, "ticket" | "report">;
  openSocket(ticket: string): WebSocket;
  onMessage(message: LiveMessage): void;
  onConnection(connection: Connection): void;
  nowMs(): number;
  random(): number;
}

/**
 * Keeps the newest state coming, by WebSocket or else by polling, until it is paused.
 *
 * - At most one socket and one timer exist at any time.
 * - Only a message resets the backoff, so a server that accepts and closes is not hammered.
 * - Each message is the whole state, so nothing has to be asked for again after a gap.
 */
export class LiveConnection {
  readonly #options: LiveOptions;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #polls = 0;
  #heardAtMs = 0;
  #answersPings = false;
  #message: LiveMessage | undefined;
  #messageAtMs = 0;
  /** Each start and pause begins a new run; what an older run still awaits is then ignored. */
  #run = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Connects now, whatever was waited for; also the answer to "the network is back". */
  start(): void {
    this.#stop();
    this.#options.onConnection({ phase: "connecting" });
    void this.#connect(this.#run);
  }

  pause(): void {
    this.#stop();
    this.#options.onConnection({ phase: "paused" });
  }

  #stop(): void {
    this.#run++;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  async #connect(run: number): Promise<void> {
    const answer = await this.#options.api.ticket();
    if (run !== this.#run) return;
    if (answer.outcome === "ok") this.#open(answer.value, run);
    else this.#failed(answer);
  }

  #open(ticket: string, run: number): void {
    const socket = this.#options.openSocket(ticket);
    this.#socket = socket;
    this.#heardAtMs = this.#options.nowMs();
    this.#answersPings = false;
    socket.addEventListener("message", (event: MessageEvent) => {
      if (run === this.#run && this.#socket === socket) this.#hear(socket, event.data);
    });
    socket.addEventListener("close", () => {
      if (run === this.#run && this.#socket === socket) this.#failed(null);
    });
    this.#wait(PING_INTERVAL_MS, () => this.#ping(socket));
  }

  #hear(socket: WebSocket, data: unknown): void {
    this.#heardAtMs = this.#options.nowMs();
    if (data === "pong") {
      this.#answersPings = true;
      return;
    }
    const message = typeof data === "string" ? decodeLiveMessage(data) : null;
    if (message === null) {
      socket.close();
      this.#failed(null);
      return;
    }
    this.#failures = 0;
    this.#options.onConnection({ phase: "live" });
    this.#show(message);
  }

  #show(message: LiveMessage): void {
    this.#message = message;
    this.#messageAtMs = this.#options.nowMs();
    this.#options.onMessage(message);
  }

  #ping(socket: WebSocket): void {
    const silentMs = this.#options.nowMs() - this.#heardAtMs;
    // Only a server known to answer pings is judged by its silence; a quiet shop is not a broken one.
    if (socket.readyState > WebSocket.OPEN || (this.#answersPings && silentMs > SILENCE_MAX_MS)) {
      socket.close();
      this.#failed(null);
      return;
    }
    // Still not open after a whole interval: the handshake hangs.
    if (socket.readyState === WebSocket.CONNECTING) {
      socket.close();
      this.#failed(null);
      return;
    }
    socket.send("ping");
    void this.#refreshQuiet(this.#run);
    this.#wait(PING_INTERVAL_MS, () => this.#ping(socket));
  }

  async #refreshQuiet(run: number): Promise<void> {
    const { api, nowMs } = this.#options;
    const before = this.#message;
    if (!before || nowMs() - this.#messageAtMs < QUIET_MS || isAsleep(before)) return;
    const answer = await pollSnapshot(api, nowMs());
    // A state that came meanwhile knows better; a failure shows as soon as the socket does.
    if (run !== this.#run || this.#message !== before || answer.outcome !== "ok") return;
    this.#show({ ...answer.value, newest: before.newest });
  }

  #failed(answer: Exclude<Answer<unknown>, { outcome: "ok" }> | null): void {
    this.#socket = undefined;
    if (answer?.outcome === "refused") {
      this.#stop();
      this.#options.onConnection({ phase: "refused", code: answer.code });
      return;
    }
    this.#failures++;
    if (this.#failures > SOCKET_FAILURES_MAX) {
      void this.#poll(this.#run);
      return;
    }
    const { nowMs, random } = this.#options;
    const delayMs = retryDelayMs(this.#failures - 1, answer?.afterMs ?? null, random());
    this.#reconnecting(nowMs() + delayMs);
    const run = this.#run;
    this.#wait(delayMs, () => this.#connect(run));
  }

  async #poll(run: number): Promise<void> {
    const { api, nowMs, onConnection } = this.#options;
    const answer = await pollSnapshot(api, nowMs());
    if (run !== this.#run) return;
    if (answer.outcome === "refused") {
      this.#failed(answer);
      return;
    }
    this.#polls++;
    const delayMs =
      answer.outcome === "ok" ? POLL_INTERVAL_MS : Math.max(POLL_INTERVAL_MS, answer.afterMs ?? 0);
    if (answer.outcome === "ok") {
      onConnection({ phase: "polling" });
      this.#show(answer.value);
    } else {
      this.#reconnecting(nowMs() + delayMs);
    }
    const next = this.#polls % POLLS_PER_SOCKET === 0 ? () => this.#connect(run) : () => this.#poll(run);
    this.#wait(delayMs, next);
  }

  #reconnecting(retryAtMs: number): void {
    this.#options.onConnection({ phase: "reconnecting", attempt: this.#failures, retryAtMs });
  }

  #wait(delayMs: number, next: () => void | Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void next(), delayMs);
  }
}

/** Nobody there and nothing left to fade: nothing changes until an event comes. */
function isAsleep({ visitorsNow, minutes }: LiveMessage): boolean {
  return visitorsNow === 0 && minutes.every(({ pv }) => pv === 0);
}

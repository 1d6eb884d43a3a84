import { backoffMs } from "./retry.ts";
import { retryDelayMs } from "./retry-after.ts";
import type { EventParams } from "./tracker.ts";
import { type Answer, type Verdict, verdictOf } from "./verdict.ts";

/** Strings by key, where the host has a place for them: `browser.localStorage` of a pixel sandbox, IndexedDB of a service worker. */
export interface AsyncStore {
  get(key: string): Promise<string | null | undefined>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

export interface HeadlessOptions {
  /** Write key, `wk_…`. */
  key: string;
  /** Collector URL, for example `https://collect.shop.example`. */
  endpoint: string;
  /** The visitor's session; every tracker of one session should say the same. */
  session: string;
  /** Name of this log, used by nobody else: a random id of your own for each page or worker. */
  stream: string;
  /** Without one, events live as long as the tracker does. */
  store?: AsyncStore;
  /** Address and referrer of the page that the events are about. */
  context?: () => { url?: string; title?: string; referrer?: string };
  /** Default: `fetch`, of the host. */
  fetch?: typeof fetch;
}

/** No method ever throws or rejects. */
export interface HeadlessTracker {
  track(name: string, params?: EventParams): void;
  /** Resolves once what waits was sent, or could not be. */
  flush(): Promise<void>;
}

/** Events go out once it was quiet for this long. */
const QUIET_MS = 500;
/** Events of one request, and of one log; above it the oldest are given up and counted. */
const BATCH_EVENTS_MAX = 200;
const LOG_EVENTS_MAX = 2_000;
const ANSWER_WITHIN_MS = 30_000;
/** Logs that are remembered, so that a later tracker can send what an earlier one left behind. */
const LOGS_MAX = 20;
/** A log that was not written for this long has no tracker any more. */
const LEFT_AFTER_MS = 60_000;
const INDEX_KEY = "tm.logs";

/** A log: the events of one stream that wait, `seq` being that of the first. */
interface Log {
  stream: string;
  session: string;
  seq: number;
  atMs: number;
  events: { name: string; occurredAtMs: number }[];
  dropped?: Record<string, number>;
}

/**
 * A tracker without a page, for sandboxes and service workers: the same wire, the same identity of events, a log in
 * whatever storage the host has. What an earlier tracker could not send goes first.
 */
export function createHeadlessTracker(options: HeadlessOptions): HeadlessTracker {
  const { store, context = () => ({}) } = options;
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  const url = `${options.endpoint.replace(/\/?$/, "/v1/batches")}?key=${encodeURIComponent(options.key)}`;
  const own: Log = { stream: options.stream, session: options.session, seq: 0, atMs: 0, events: [] };
  let failures = 0;
  /** Of the next request: fewer after one that was too large. */
  let eventsMax = BATCH_EVENTS_MAX;
  let heldUntilMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving = Promise.resolve();
  let running = Promise.resolve();
  const left = loadLeft();

  function track(name: string, params?: EventParams): void {
    try {
      own.events.push(
        JSON.parse(
          JSON.stringify({ ...context(), occurredAtMs: Date.now(), ...params, name }),
        ) as Log["events"][0],
      );
    } catch {
      drop("unserializable", 1);
    }
    const over = own.events.length - LOG_EVENTS_MAX;
    if (over > 0) {
      own.events.splice(0, over);
      own.seq += over;
      drop("log_full", over);
    }
    save(own);
    schedule(QUIET_MS);
  }

  function flush(): Promise<void> {
    running = running.then(drain).catch(() => undefined);
    return running;
  }

  async function drain(): Promise<void> {
    const others = await left;
    const waitMs = heldUntilMs - Date.now();
    // An event that came meanwhile does not make a collector that asked to wait ready.
    if (waitMs > 0) {
      schedule(waitMs);
      return;
    }
    for (const log of [...others, own]) {
      while (log.events.length > 0) {
        const retryInMs = await sendSome(log);
        if (retryInMs === undefined) continue;
        heldUntilMs = Date.now() + retryInMs;
        schedule(retryInMs);
        return;
      }
    }
    others.length = 0;
  }

  /** @returns undefined when its events are settled, else how long to wait */
  async function sendSome(log: Log): Promise<number | undefined> {
    const events = log.events.slice(0, eventsMax);
    const { stream, session, seq, dropped } = log;
    let verdict: Verdict = "later";
    let reply: Response | undefined;
    try {
      reply = await send(url, {
        method: "POST",
        body: JSON.stringify({ session, stream, seq, sentAtMs: Date.now(), dropped, events }),
        keepalive: true,
        // A sandbox of before 2022 has no such signal.
        signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) ?? null,
      });
      const alone = events.length > 1 ? undefined : JSON.stringify(events[0]).length;
      verdict = verdictOf(reply, parsed(await reply.text()) as Answer | null | undefined, alone);
    } catch {
      // No answer: the next try has the same identities, so nothing counts twice.
    }
    if (verdict === "later") {
      const retryAfterMs = Number(reply?.headers.get("retry-after")) * 1000 || 0;
      return retryDelayMs(failures++, retryAfterMs, Math.random());
    }
    failures = 0;
    eventsMax = verdict === "smaller" ? events.length >> 1 : BATCH_EVENTS_MAX;
    if (verdict === "smaller") return undefined;
    if (verdict === "never") drop(`http_${reply?.status}`, events.length);
    // A log that overflowed meanwhile has lost some of these already.
    const settled = Math.max(0, seq + events.length - log.seq);
    log.events.splice(0, settled);
    log.seq += settled;
    save(log);
    return undefined;
  }

  function drop(reason: string, count: number): void {
    own.dropped ??= {};
    own.dropped[reason] = (own.dropped[reason] ?? 0) + count;
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), delayMs || backoffMs(0, 0));
  }

  /** One write after the other; the newest state counts. */
  function save(log: Log): void {
    if (!store) return;
    log.atMs = Date.now();
    const text = log.events.length > 0 ? JSON.stringify(log) : undefined;
    saving = saving
      .then(async () => {
        await (text ? store.set(keyOf(log.stream), text) : store.delete(keyOf(log.stream)));
        await list(log.stream, text !== undefined);
      })
      .catch(() => undefined);
  }

  /** Each time, since a tracker that lists its own log at the same moment may write over ours. */
  async function list(stream: string, isThere: boolean): Promise<void> {
    const streams = await listed();
    if (streams.includes(stream) === isThere) return;
    const kept = isThere ? [...streams, stream] : streams.filter((name) => name !== stream);
    for (const given of kept.splice(0, kept.length - LOGS_MAX)) {
      drop("logs_full", (await read(given))?.events.length ?? 0);
      await store?.delete(keyOf(given));
    }
    await store?.set(INDEX_KEY, JSON.stringify(kept));
  }

  async function listed(): Promise<string[]> {
    const value = parsed(await store?.get(INDEX_KEY));
    return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
  }

  /** Undefined where somebody else's value is under our name. */
  async function read(stream: string): Promise<Log | undefined> {
    const log = parsed(await store?.get(keyOf(stream))) as Partial<Log> | null | undefined;
    return Array.isArray(log?.events) ? (log as Log) : undefined;
  }

  async function loadLeft(): Promise<Log[]> {
    const logs: Log[] = [];
    try {
      for (const stream of await listed()) {
        const log = stream === own.stream ? undefined : await read(stream);
        if (log && Date.now() - log.atMs > LEFT_AFTER_MS) logs.push(log);
      }
    } catch {
      // Without its storage the host has nothing left of before.
    }
    if (logs.length > 0) schedule(QUIET_MS);
    return logs;
  }

  return { track, flush };
}

function keyOf(stream: string): string {
  return `tm.log.${stream}`;
}

function parsed(json: string | null | undefined): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return undefined;
  }
}

import type { ProbeAnswer, Receipt } from "../collector/event/batch.ts";
import type { Batch, Log } from "./log.ts";
import { retryDelayMs } from "./retry.ts";

export interface Sender {
  /**
   * Sends what waits of one stream, oldest first.
   *
   * @param isDoubtful - it may have arrived before: the collector is asked first
   * @returns 0, or how long to wait because the collector cannot take it now
   */
  send(keys: string[], isDoubtful: boolean): Promise<number>;
  /** The page may end within this task: all goes out at once, uncompressed. What fails stays in the log. */
  leave(keys: string[]): Promise<number>;
  /** Counts events that are given up; the next batch reports them. */
  drop(reason: string, count: number): void;
  /** Whether the last request got no answer, so that its batch may have arrived. */
  isInDoubt(): boolean;
}

/** Requests with keepalive share 64 KiB while in flight (Fetch standard). */
const KEEPALIVE_BYTES_MAX = 65_536;
/** A batch that leaves uncompressed has to fit that budget; another may hold far more before gzip. */
const LEAVING_CHARS_MAX = 50_000;
const BATCH_CHARS_MAX = 400_000;
/** Below this gzip saves less than a packet. */
const GZIP_FROM_BYTES = 1000;
/** A connection that neither answers nor breaks is given up. */
const ANSWER_WITHIN_MS = 30_000;
/** A probe whose answer is lost is repeated once before the batch itself is. */
const PROBE_TRIES = 2;
/** Refusals that say "later"; others say "never", and sending the same bytes again would not help. */
const LATER = [408, 425, 429];

/** @param endpoint - collector URL with a slash at its end */
export function createSender(
  endpoint: string,
  key: string,
  log: Log,
  onReceipt: (receipt: Partial<Receipt>) => void,
): Sender {
  const batchesUrl = endpoint + "v1/batches";
  const query = "?key=" + encodeURIComponent(key);
  const underway = new Set<string>();
  let keepaliveBytes = 0;
  let attempt = 0;
  let inDoubt = false;
  let dropped: Record<string, number> | undefined;

  function drop(reason: string, count: number): void {
    dropped = { ...dropped, [reason]: (dropped?.[reason] ?? 0) + count };
  }

  async function deliver(batch: Batch, isLeaving?: boolean): Promise<number> {
    const reported = dropped;
    const extra = reported ? ',"dropped":' + JSON.stringify(reported) : "";
    let body: Uint8Array<ArrayBuffer> | ArrayBuffer = new TextEncoder().encode(
      `${batch.head.slice(0, -1)},"seq":${batch.seq},"sentAtMs":${Date.now()}${extra},"events":[${batch.lines}]}`,
    );
    let url = batchesUrl + query;
    if (!isLeaving && body.length > GZIP_FROM_BYTES && self.CompressionStream) {
      const stream = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
      body = await new Response(stream).arrayBuffer();
      url += "&gz=1";
    }
    // While this one was being compressed, the page may have been left and its events sent.
    const names = batch.segments.map((segment) => segment[0]);
    if (names.some((name) => underway.has(name))) return 0;
    for (const name of names) underway.add(name);

    const bytes = body.byteLength;
    keepaliveBytes += bytes;
    let status = 0;
    let retryAfterMs = 0;
    try {
      // No Content-Type and flags in the URL: a request without preflight.
      const reply = await fetch(url, {
        method: "POST",
        body,
        keepalive: keepaliveBytes < KEEPALIVE_BYTES_MAX,
        credentials: "omit",
        signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) ?? null,
      });
      status = reply.status;
      retryAfterMs = +(reply.headers.get("retry-after") ?? 0) * 1000 || 0;
      // A body that nobody reads would keep its share of the keepalive budget.
      const receipt = await reply.json();
      if (reply.ok) onReceipt(receipt);
    } catch {
      // The status says what is known: 0 without an answer.
    }
    keepaliveBytes -= bytes;
    for (const name of names) underway.delete(name);

    inDoubt = !status;
    if (status < 200 || status > 499 || LATER.includes(status))
      return retryDelayMs(attempt++, retryAfterMs, Math.random());
    log.cut(batch);
    attempt = 0;
    if (status > 299) drop("http_" + status, batch.lines.length);
    else if (dropped === reported) dropped = undefined;
    return 0;
  }

  /** Cuts what the collector has already. Without an answer all is sent: dedupe makes a second copy harmless. */
  async function probe(keys: string[]): Promise<void> {
    const segments = log.batches(keys, 0);
    for (let tries = 0; segments[0] && tries < PROBE_TRIES; tries++) {
      try {
        const { stream, session } = JSON.parse(segments[0].head);
        const reply = await fetch(`${batchesUrl}/${stream}${query}&session=${session}`, {
          credentials: "omit",
        });
        const { ranges }: ProbeAnswer = await reply.json();
        for (const segment of segments) {
          const last = segment.seq + segment.lines.length - 1;
          if (ranges.some((range) => range[0] <= segment.seq && last <= range[1])) log.cut(segment);
        }
        return;
      } catch {
        // The answer was lost again, or the collector has no such route.
      }
    }
  }

  return {
    drop,
    isInDoubt: () => inDoubt,
    send: async (keys, isDoubtful) => {
      if (isDoubtful) await probe(keys);
      for (const batch of log.batches(keys, BATCH_CHARS_MAX)) {
        const waitMs = await deliver(batch);
        if (waitMs) return waitMs;
      }
      return 0;
    },
    leave: async (keys) => {
      const batches = log.batches(
        keys.filter((name) => !underway.has(name)),
        LEAVING_CHARS_MAX,
      );
      return Math.max(0, ...(await Promise.all(batches.map((batch) => deliver(batch, true)))));
    },
  };
}

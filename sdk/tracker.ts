import type { Recommendation } from "../collector/event/recommendation.ts";
import type { Batch } from "./batch.ts";
import { LOG_PREFIX, OFF_KEY, OUTBOX_KEY, put, SESSION_KEY, segmentNames } from "./disk.ts";
import type { Page, PartMethod, PartName, RecommendOptions } from "./part.ts";
import { ignore, safe } from "./safe.ts";
import { deliver } from "./sender.ts";
import { touchSession } from "./session.ts";

/** Event parameters as GA4 names them, camelCase or snake_case: `items`, `currency`, `value`, `transaction_id`, … */
export type EventParams = Record<string, unknown>;

/** No method ever throws or rejects. */
export interface Tracker {
  track(name: string, params?: EventParams): void;
  /** Your own id of a signed-in customer, for this page; ignored under Global Privacy Control. */
  identify(user: string): void;
  /** `analytics: false` erases what is stored and stops, until `true`. Remembered on this device. */
  consent(choice: { analytics: boolean }): void;
  /** The same as `consent({ analytics: false })`. */
  optOut(): void;
  /** Resolves once what waits was sent, or could not be. */
  flush(): Promise<void>;
  /** Empty where there is no answer. */
  recommend(options?: RecommendOptions): Promise<Recommendation[]>;
}

/** Small, so that one event costs one small write, whatever waits. */
const SEGMENT_CHARS_MAX = 6000;
/**
 * Events go out once the page was quiet for a quarter of this, until a receipt says another: 1 s after a page
 * opened, so that its view goes together with what the visitor does next, and is on a dashboard within two.
 */
const FIRST_FLUSH_MS = 3200;
/** A page that is never quiet sends this often all the same. */
const WAIT_MAX_MS = 15_000;
/** A batch that has so many when a segment is sealed goes at once. A segment has 140 at most: a collector takes 500. */
const BATCH_EVENTS = 250;
/**
 * Frameworks need a moment to draw a new route; then capture.ts looks at it. A page that opens has its browser busy:
 * the first look at its storage waits for that, and so do scripts and pictures of the shop for us.
 */
const LOOK_AFTER_MS = 200;
/** Parameters with this in their name lose their value. */
const SCRUB_DEFAULT = "token";

/**
 * @param key - write key, `wk_…`
 * @param endpoint - collector URL, for example `https://collect.shop.example`
 * @param load - gets what most pages do not need
 * @param scrub - pattern of what is not logged of addresses and titles, up to the end of the parameter or word
 */
export function createTracker(
  key: string,
  endpoint: string,
  load: (name: PartName) => Promise<object>,
  scrub: string = SCRUB_DEFAULT,
): Tracker {
  let queue: object[] = [];
  let isWriteDue: boolean | undefined;
  let session: string | undefined;
  let user: string | undefined;
  /** Of the newest page view, before it is cleaned; empty while the page is only prerendered. */
  let url = "";
  let referrer: string;
  /** Whether a page view will be counted when the task ends. */
  let isViewDue: boolean | undefined;

  let seq: number;
  let batch: Batch | false | undefined;
  let segment: string;
  let text: string;

  /** Of the newest batch. */
  let bornAtMs: number;
  let timer: ReturnType<typeof setTimeout>;
  const now = Promise.resolve();
  let running = now;

  const tracker: Tracker = {
    track: (name, params) => {
      // A copy by a spread that comes first is one step, else one for each parameter.
      queue.push({ ...params, name });
      // Its first call of a task costs half of what `queueMicrotask` does, and the time is noted then, once for all.
      if (!isWriteDue) void now.then(write);
      isWriteDue = true;
    },
    identify: (id) => {
      write();
      if (!navigator.globalPrivacyControl) user = id;
      seal();
    },
    consent: ({ analytics }) => {
      write();
      if (analytics && !page.disk[OFF_KEY]) return;
      for (const name of [...segmentNames(page.disk), SESSION_KEY]) delete page.disk[name];
      queue = [];
      page.batches.clear();
      if (analytics) {
        delete page.disk[OFF_KEY];
        view();
      } else {
        put(page, OFF_KEY, "1");
        void use("recover");
      }
    },
    optOut: () => {
      tracker.consent({ analytics: false });
    },
    flush,
    recommend: (options) => use("recs", "recommend", options) as Promise<Recommendation[]>,
  };

  /** Mail addresses and what the shop names are not even written to the log; nothing is, where it names no valid pattern. */
  const clean = safe((text: string) => text.replace(RegExp(`(${scrub}|[^ &=/?]+(@|%40))[^ &]*`, "g"), ""));

  // Without its disk, which the first write opens, before anything looks at it.
  const page = {
    use,
    seal,
    batchesUrl: `${endpoint}/v1/batches`.replace("//v1", "/v1"),
    batches: new Set(),
    onRoute: safe((event) => url && (event?.persisted || url !== address()) && view()),
    failures: 0,
    resume: () => {
      page.isHeld = false;
      void flush();
    },
    hints: { flushMs: FIRST_FLUSH_MS },
    deliver,
    resumeAfter,
    unserializable: 0,
    ownStream: "",
    keyQuery: `?key=${key}`,
    tracker,
    session: () => !page.disk[OFF_KEY] && touchSession(page, Date.now(), newId, clean(url)),
  } as Page;

  async function drain(): Promise<void> {
    write();
    // Another tab heard it, when this one had just written.
    if (page.disk[OFF_KEY]) tracker.optOut();
    await page.settle?.();
    // What comes meanwhile has its own time; else a slow connection would be given one event after the other.
    for (const waiting of [...page.batches]) await deliver(page, waiting);
    const isOther = (name: string): boolean => !name.includes(page.ownStream);
    if (segmentNames(page.disk).some(isOther) || page.isHeld || page.unserializable || page.disk[OUTBOX_KEY])
      await use("recover");
  }

  function resumeAfter(delayMs: number): undefined {
    clearTimeout(timer);
    timer = setTimeout(page.resume, delayMs);
  }

  function schedule(): void {
    if (!page.isHeld) resumeAfter(Math.min(page.hints.flushMs / 4, bornAtMs + WAIT_MAX_MS - Date.now()));
  }

  /** The one disk operation of a task. */
  const write = safe(() => {
    isWriteDue = false;
    // The first look at the storage may take longer than all else here.
    // As pageDisk has it; a call of it costs 8 B.
    page.disk ??= safe(() => localStorage)() ?? {};
    if (!url || !queue[0]) return;
    const events = queue;
    const occurredAtMs = Date.now();
    queue = [];
    const current = page.session();
    if (!current) return;
    if (session !== current) {
      session = current;
      openStream();
    }
    for (const event of events) {
      try {
        append(JSON.stringify({ ...event, occurredAtMs }));
      } catch {
        page.unserializable++;
      }
    }
    if (text) put(page, segment, text);
    page.onLogged?.();
    schedule();
  });

  function use(name: PartName, method = "start", options?: unknown): Promise<unknown> {
    write();
    return load(name)
      .then((part) => (part as Record<string, PartMethod>)[method]?.(page, options))
      .catch(() => []);
  }

  /** Without its fragment, unless a router keeps its path there. */
  function address(): string {
    return location.href.replace(/#(?!\/).*/, "");
  }

  /** A new log that only this page writes; lock.ts says so to others. What is left of the one before is anybody's. */
  function openStream(): void {
    page.ownStream = newId();
    page.batches = new Set();
    page.dropped = undefined;
    seq = 0;
    seal();
  }

  /** One drain after the other. */
  function flush(): Promise<void> {
    running = running.then(drain).catch(ignore);
    return running;
  }

  function append(line: string): void {
    if (!batch) {
      bornAtMs = Date.now();
      const head = JSON.stringify({
        session,
        stream: page.ownStream,
        user,
        dropped: page.dropped,
        context: { url: clean(url), referrer: clean(referrer) },
      });
      batch = { head, seq, lines: [], texts: {} };
      page.batches.add(batch);
    }
    if (!text) {
      segment = `${LOG_PREFIX}${page.ownStream}:${seq}`;
      text = batch.head;
    }
    text += `\n${line}`;
    batch.lines.push(line);
    batch.texts[segment] = text;
    seq++;
    if (text.length < SEGMENT_CHARS_MAX) return;
    put(page, segment, text);
    text = "";
    // Not in turn: several are compressed, and on their way, before a page that is being left is gone.
    if (batch.lines.length >= BATCH_EVENTS) void deliver(page, batch).then(flush);
  }

  function view(): void {
    if (!isViewDue) {
      const before = url;
      referrer = before || document.referrer;
      // Frameworks set the title after the address, and some change the address twice, most of them in one task.
      void now.then(() => {
        isViewDue = false;
        // The view of a page that is being opened is logged with capture.ts, or with what is tracked before that.
        isWriteDue = !before;
        tracker.track("page_view", { title: { toJSON: () => clean(document.title) } });
        isWriteDue = false;
      });
      setTimeout(use, LOOK_AFTER_MS, "capture");
    }
    isViewDue = true;
    if (url) write();
    url = address();
    seal();
  }

  function leave(): void {
    write();
    for (const waiting of page.batches) void deliver(page, waiting).then(flush);
    // From here on the log is anybody's to send; what comes after is another.
    session = "";
  }

  function seal(): void {
    batch = false;
    text = "";
  }

  for (const name in tracker) tracker[name as "flush"] = safe(tracker[name as "flush"]) as Tracker["flush"];

  // A page that was opened in the background is a page view all the same.
  if (!document.prerendering) view();
  // Also when the page is left (HTML standard, "unload a document"), after its handlers of pagehide.
  addEventListener(
    "visibilitychange",
    safe(() => (document.hidden ? leave() : url || view())),
  );
  // Back from the back/forward cache.
  addEventListener("pageshow", page.onRoute);
  // Fires within the call that changes the address, so what is tracked next belongs to the new one.
  self.navigation?.addEventListener("currententrychange", page.onRoute);
  return tracker;
}

/** As `streamId` of the collector makes them. */
function newId(): string {
  // The point is the one of `0.123`.
  return `t${Date.now().toString(36)}${Math.random().toString(36).slice(1)}`;
}

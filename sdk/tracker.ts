import type { Recommendation } from "../collector/event/recommendation.ts";
import type { Batch } from "./batch.ts";
import { LOG_PREFIX, OFF_KEY, OUTBOX_KEY, pageDisk, put, SESSION_KEY, segmentNames } from "./disk.ts";
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
/** Events go out once the page was quiet for a quarter of this, until a receipt says another. */
const FLUSH_MS = 2000;
/** A page that is never quiet sends this often all the same. */
const WAIT_MAX_MS = 10_000;
/**
 * A batch is full with so many characters, and goes at once, so that it is on its way before the page can be left.
 * Without gzip it fits the keepalive budget, and an event costs so much more that there are never too many.
 */
const BATCH_COST_MAX = 50_000;
const EVENT_COST = 150;
/** Where the Navigation API is missing, the address is looked at this often. */
const LOOK_EVERY_MS = 500;
/** Frameworks need a moment to draw a new route; then capture.ts looks at it, at a page that opens at once. */
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
  let session: string | undefined;
  let user: string | undefined;
  /** Of the newest page view; empty while the page is only prerendered. */
  let url = "";
  let referrer: string;
  /** Whether a page view will be counted when the task ends. */
  let isViewDue: boolean | undefined;
  let release = ignore;

  let head: string;
  let seq: number;
  let batch: Batch | undefined;
  let cost = 0;
  let segment: string;
  let text = "";

  let waitingSinceMs = 0;
  let timer: ReturnType<typeof setTimeout>;
  let running = Promise.resolve();

  const tracker: Tracker = {
    track: (name, params) => {
      queue.push({ occurredAtMs: Date.now(), ...params, name });
      queueMicrotask(safe(write));
    },
    identify: (id) => {
      write();
      if (!navigator.globalPrivacyControl) user = id;
      seal();
    },
    consent: ({ analytics }) => {
      if (analytics && !page.disk[OFF_KEY]) return;
      for (const name of [...segmentNames(page.disk), SESSION_KEY]) delete page.disk[name];
      queue = [];
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

  const page: Page = {
    tracker,
    disk: pageDisk(),
    batchesUrl: endpoint.replace(/\/?$/, "/v1/batches"),
    keyQuery: `?key=${key}`,
    ownStream: "",
    batches: new Set(),
    failures: 0,
    unserializable: 0,
    hints: { flushMs: FLUSH_MS },
    session: () => (page.disk[OFF_KEY] ? undefined : touchSession(page, Date.now(), newId, url)),
    seal,
    deliver,
    resumeAfter,
    resume: () => {
      page.isHeld = false;
      void flush();
    },
    use,
  };

  function use(name: PartName, method = "start", options?: unknown): Promise<unknown> {
    return load(name)
      .then((part) => (part as Record<string, PartMethod>)[method]?.(page, options))
      .catch(() => []);
  }

  function seal(): void {
    batch = undefined;
    text = "";
    cost = 0;
    head = JSON.stringify({
      session,
      stream: page.ownStream,
      user,
      dropped: page.dropped,
      context: { url, referrer },
    });
  }

  /** A new log that only this page writes, with the lock that says so. What is left of the one before is anybody's. */
  function openStream(): void {
    release();
    page.ownStream = newId();
    page.batches = new Set();
    page.dropped = undefined;
    seq = 0;
    seal();
    const untilReleased = () => new Promise<void>((done) => (release = done));
    navigator.locks?.request(LOG_PREFIX + page.ownStream, untilReleased).catch(ignore);
  }

  /** The one disk operation of a task. */
  function write(): void {
    if (!url || !queue[0]) return;
    const events = queue;
    queue = [];
    const current = page.session();
    if (!current) return;
    if (session !== current) {
      session = current;
      openStream();
    }
    for (const event of events) {
      try {
        append(JSON.stringify(event));
      } catch {
        page.unserializable++;
      }
    }
    if (text) put(page, segment, text);
    page.onLogged?.();
    schedule();
  }

  function append(line: string): void {
    cost += line.length + EVENT_COST;
    if (!batch) {
      batch = { head, seq, lines: [], texts: {} };
      page.batches.add(batch);
    }
    if (!text) {
      segment = `${LOG_PREFIX}${page.ownStream}:${seq}`;
      text = head;
    }
    text += `\n${line}`;
    batch.lines.push(line);
    batch.texts[segment] = text;
    seq++;
    if (text.length < SEGMENT_CHARS_MAX) return;
    put(page, segment, text);
    text = "";
    // Not in turn: several are compressed, and on their way, before a page that is being left is gone.
    if (cost > BATCH_COST_MAX) void deliver(page, batch);
  }

  function resumeAfter(delayMs: number): undefined {
    clearTimeout(timer);
    timer = setTimeout(page.resume, delayMs);
  }

  function schedule(): void {
    if (page.isHeld) return;
    waitingSinceMs ||= Date.now();
    resumeAfter(Math.min(page.hints.flushMs / 4, waitingSinceMs + WAIT_MAX_MS - Date.now()));
  }

  /** One drain after the other. */
  function flush(): Promise<void> {
    running = running.then(drain).catch(ignore);
    return running;
  }

  async function drain(): Promise<void> {
    write();
    waitingSinceMs = 0;
    // Another tab heard it, when this one had just written.
    if (page.disk[OFF_KEY]) tracker.optOut();
    await page.settle?.();
    // What comes meanwhile has its own time; else a slow connection would be given one event after the other.
    for (const waiting of [...page.batches]) await deliver(page, waiting);
    const isOther = (name: string): boolean => !name.includes(page.ownStream);
    if (segmentNames(page.disk).some(isOther) || page.isHeld || page.unserializable || page.disk[OUTBOX_KEY])
      await use("recover");
  }

  function leave(): void {
    write();
    for (const waiting of page.batches) void deliver(page, waiting, true).then(flush);
    // From here on the log is anybody's to send; what comes after is another.
    release();
    session = undefined;
  }

  function view(): void {
    if (!isViewDue) {
      referrer = url || clean(document.referrer);
      // Frameworks set the title after the address, and some change the address twice, most of them in one task.
      queueMicrotask(() => {
        isViewDue = false;
        tracker.track("page_view", { title: clean(document.title) });
      });
      setTimeout(() => use("capture"), url ? LOOK_AFTER_MS : 0);
    }
    isViewDue = true;
    write();
    url = address();
    seal();
  }

  /** Mail addresses and what the shop names are not even written to the log. */
  function clean(text: string): string {
    return text.replace(RegExp(`(${scrub}|[^ &=/?]+(@|%40))[^ &]*`, "g"), "");
  }

  /** Without its fragment, unless a router keeps its path there. */
  function address(): string {
    return clean(location.href.replace(/#(?!\/).*/, ""));
  }

  for (const name in tracker) tracker[name as "flush"] = safe(tracker[name as "flush"]) as Tracker["flush"];

  const listen = (type: string, run: (event: Event) => unknown): void => addEventListener(type, safe(run));
  const onRoute = (): unknown => url && url !== address() && view();
  // A page that was opened in the background is a page view all the same.
  if (!document.prerendering) view();
  listen("visibilitychange", () => {
    if (document.hidden) leave();
    else if (!url) view();
  });
  listen("pagehide", leave);
  // Back from the back/forward cache.
  listen("pageshow", (event) => (event as PageTransitionEvent).persisted && view());
  // Fires within the call that changes the address, so what is tracked next belongs to the new one.
  if (self.navigation) navigation.addEventListener("currententrychange", safe(onRoute));
  else setInterval(safe(onRoute), LOOK_EVERY_MS);
  return tracker;
}

/** As `streamId` of the collector makes them. */
function newId(): string {
  return `t${Date.now().toString(36)}.${Math.random().toString(36).slice(2)}`;
}

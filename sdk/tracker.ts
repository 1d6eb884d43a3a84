import { streamId } from "../collector/event/batch.ts";
import type { Recommendation } from "../collector/event/recommendation.ts";
import { LOG_PREFIX, OFF_KEY, OUTBOX_KEY, pageDisk, put, SESSION_KEY } from "./disk.ts";
import { watchPage } from "./lifecycle.ts";
import { readBatches, segmentNames } from "./log.ts";
import type { Page, Part, PartName, RecommendOptions, RecoverPart, RecsPart } from "./part.ts";
import { ignore, safe } from "./safe.ts";
import { createSender } from "./sender.ts";
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
/** Events go out once the page was quiet for this long, or for a quarter of a receipt's `next.flushMs`. */
const QUIET_MS = 500;
/** A page that is never quiet sends this often all the same, */
const WAIT_MAX_MS = 10_000;
/** or at once when so much waits, so that it is on its way before the page can be left. */
const WAITING_CHARS_MAX = 100_000;
/** A batch that leaves without gzip has to fit the keepalive budget: an eighth of the usual size. */
const LEAVING_CHAR_COST = 8;
/** So long a log is worth a look even while nothing can be sent. */
const LOG_SEGMENTS_MAX = 150;
/** What capture.ts reads. */
const CAPTURE_SELECTOR = '[data-tm-event],[type$="ld+json"]';
const SEARCH_PATTERN = /[?&](q|s|query|search)/;
/** Frameworks need a moment to draw the new route. */
const LOOK_AFTER_MS = 200;

/**
 * @param key - write key, `wk_…`
 * @param endpoint - collector URL, for example `https://collect.shop.example`
 * @param load - gets what most pages do not need
 */
export function createTracker(
  key: string,
  endpoint: string,
  load: (name: PartName) => Promise<Part>,
): Tracker {
  let queue: object[] = [];
  let session: string | undefined;
  let stream = "";
  let user: string | undefined;
  let url = "";
  let referrer: string;
  let dropped: Record<string, number> | undefined;
  let release = ignore;
  let isAwake = false;

  let head: string;
  let segment: string;
  let text = "";
  let seq: number;

  let quietMs = QUIET_MS;
  let waitingChars = 0;
  let waitingSinceMs = 0;
  let timer: ReturnType<typeof setTimeout>;
  let running = Promise.resolve();

  const tracker: Tracker = {
    track: (name, params) => {
      if (queue.push({ occurredAtMs: Date.now(), ...params, name }) === 1) queueMicrotask(safe(write));
    },
    identify: (id) => {
      write();
      if (!navigator.globalPrivacyControl) user = id;
      openHead();
    },
    consent: ({ analytics }) => {
      const { disk } = page;
      if (!analytics) {
        [...segmentNames(disk), SESSION_KEY].map((name) => delete disk[name]);
        put(page, OFF_KEY, "1");
        queue = [];
        session = undefined;
        if (disk[OUTBOX_KEY]) start("recover");
      } else if (disk[OFF_KEY]) {
        delete disk[OFF_KEY];
        view();
      }
    },
    optOut: () => tracker.consent({ analytics: false }),
    flush,
    recommend: (options) =>
      load("recs")
        .then((part) => (part as RecsPart).recommend(page, options))
        .catch(() => []),
  };

  const page: Page = {
    tracker,
    disk: pageDisk(),
    batchesUrl: `${endpoint.replace(/\/$/, "")}/v1/batches`,
    query: `?key=${key}`,
    underway: new Set(),
    session: () => (page.disk[OFF_KEY] ? undefined : touchSession(page, Date.now(), newId)),
    send: async (name) => {
      // What is sent is sealed: an event that comes meanwhile begins another segment.
      text = "";
      for (const batch of readBatches(page.disk, name)) if (!page.isHeld) await deliver(batch);
    },
    drop: (reason, count) => {
      dropped ??= {};
      dropped[reason] = (dropped[reason] ?? 0) + count;
      openHead();
    },
  };

  const deliver = createSender(
    page,
    (waitMs) => {
      page.isHeld = true;
      later(resume, waitMs);
    },
    ({ next }) => {
      quietMs = next.flushMs / 4 || quietMs;
    },
  );

  function start(name: PartName): void {
    load(name)
      .then((part) => part.start(page))
      .catch(ignore);
  }

  /** Seals the open segment: what follows carries another head. */
  function openHead(): void {
    text = "";
    head = JSON.stringify({ session, stream, user, dropped, context: { url, referrer } });
  }

  /** A new log that only this page writes, with the lock that says so. */
  function openStream(): void {
    stream = newId();
    seq = 0;
    dropped = undefined;
    openHead();
    const untilReleased = () => new Promise<void>((done) => (release = done));
    navigator.locks?.request(LOG_PREFIX + stream, untilReleased).catch(ignore);
  }

  /** The one disk operation of a task. */
  function write(): void {
    if (!isAwake || !queue[0]) return;
    const events = queue;
    queue = [];
    const current = page.session();
    if (!current) return;
    if (session !== current) {
      release();
      session = current;
      openStream();
    }
    for (const event of events) {
      let line: string;
      try {
        line = JSON.stringify(event);
      } catch {
        page.drop("unserializable", 1);
        continue;
      }
      if (!text) {
        segment = `${LOG_PREFIX}${stream}:${seq}`;
        text = head;
      }
      text += `\n${line}`;
      seq++;
      waitingChars += line.length;
      if (text.length > SEGMENT_CHARS_MAX) {
        put(page, segment, text);
        text = "";
      }
    }
    if (text) put(page, segment, text);
    page.onLogged?.();
    if (waitingChars > WAITING_CHARS_MAX) void flush();
    schedule();
  }

  function later(run: () => void, delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  }

  function schedule(): void {
    if (page.isHeld) return;
    waitingSinceMs ||= Date.now();
    later(flush, Math.min(quietMs, waitingSinceMs + WAIT_MAX_MS - Date.now()));
  }

  function resume(): void {
    page.isHeld = false;
    void flush();
  }

  /** One drain after the other, so that nothing is sent twice at a time. */
  function flush(): Promise<void> {
    running = running
      .then(drain)
      .catch(ignore)
      .then(() => {
        const names = segmentNames(page.disk);
        const hasOthers = !page.isHeld && names.some((name) => !name.includes(stream));
        if (hasOthers || names[LOG_SEGMENTS_MAX] || page.disk[OUTBOX_KEY]) start("recover");
      });
    return running;
  }

  async function drain(): Promise<void> {
    write();
    waitingChars = waitingSinceMs = 0;
    if (page.isHeld) return;
    if (page.inDoubt) await load("recover").then((part) => (part as RecoverPart).probe(page, stream), ignore);
    if (stream) await page.send(stream);
  }

  function leave(): void {
    write();
    text = "";
    if (!page.isHeld && stream)
      for (const batch of readBatches(page.disk, stream, LEAVING_CHAR_COST, page.underway))
        void deliver(batch, true);
    // From here on the log is anybody's to send; what comes after is another.
    release();
    session = undefined;
  }

  function view(): void {
    write();
    referrer = url || document.referrer;
    url = pageUrl();
    openHead();
    // Frameworks set the title after the address, most of them in the same task.
    queueMicrotask(() => tracker.track("page_view", { title: document.title }));
    setTimeout(look, LOOK_AFTER_MS);
  }

  /** Loads the parts that the page has a use for. */
  function look(): void {
    if (document.querySelector(CAPTURE_SELECTOR) || SEARCH_PATTERN.test(location.search)) start("capture");
    if (document.querySelector("tidemark-recs")) start("recs");
  }

  const methods = tracker as unknown as Record<string, () => unknown>;
  for (const name in methods) methods[name] = safe(methods[name] as () => unknown);

  // A visitor who opts out in one tab means all of them, also a log that was written at that moment.
  addEventListener("storage", ({ key }) => {
    if (key === OFF_KEY && page.disk[OFF_KEY]) tracker.optOut();
  });
  watchPage(
    () => {
      if (isAwake) schedule();
      else {
        isAwake = true;
        view();
      }
    },
    leave,
    view,
    () => {
      if (isAwake && url !== pageUrl()) view();
    },
    look,
    () => {
      if (page.inDoubt) resume();
    },
  );
  return tracker;
}

/** Without the fragment, unless a router keeps its path there. */
function pageUrl(): string {
  return location.href.split(/#(?!\/)/)[0] as string;
}

function newId(): string {
  return streamId(Date.now(), Math.random().toString(36).slice(2));
}

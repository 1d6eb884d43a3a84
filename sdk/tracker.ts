import { streamId } from "../collector/event/batch.ts";
import type { Recommendation } from "../collector/event/recommendation.ts";
import { watchPage } from "./lifecycle.ts";
import { createLog } from "./log.ts";
import type { Page, Part, PartName, RecommendOptions } from "./part.ts";
import { ignore, safe } from "./safe.ts";
import { createSender } from "./sender.ts";
import { SESSION_KEY, touchSession } from "./session.ts";
import { createStore, LOG_PREFIX, OFF_KEY, OUTBOX_KEY, pageDisk } from "./store.ts";

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

export interface TrackerOptions {
  /** Write key, `wk_…`. */
  key: string;
  /** Collector URL, for example `https://collect.shop.example`. */
  endpoint: string;
  /** Loads what most pages do not need. */
  load(name: PartName): Promise<Part>;
}

/** Events go out once the page was quiet for this long, or for a quarter of a receipt's `next.flushMs`. */
const QUIET_MS = 500;
/** A page that is never quiet sends this often all the same, */
const WAIT_MAX_MS = 10_000;
/** or at once when so much waits, so that it is on its way before the page can be left. */
const WAITING_CHARS_MAX = 100_000;
/** What capture.ts reads. */
const CAPTURE_SELECTOR = '[data-tm-event],[type="application/ld+json"]';
const SEARCH_PATTERN = /[?&](q|query|s|search|search_term)=/;
/** Frameworks need a moment to draw the new route. */
const LOOK_AFTER_MS = 200;
/** A log that grew larger while the collector cannot be reached moves to IndexedDB. */
const LOG_CHARS_MAX = 1_000_000;

export function createTracker({ key, endpoint, load }: TrackerOptions): Tracker {
  const base = endpoint.replace(/\/?$/, "/");
  const store = createStore(pageDisk(), () => startPart("outbox"));
  const log = createLog(store, (reason, count) => sender.drop(reason, count));
  const sender = createSender(base, key, log, (receipt) => {
    quietMs = (receipt.next?.flushMs as number) / 4 || quietMs;
  });

  let queue: object[] = [];
  let session: string | undefined;
  let stream: string;
  let user: string | undefined;
  let url: string;
  let referrer: string | undefined;
  let release: (() => void) | undefined;
  let isAwake = false;

  let quietMs = QUIET_MS;
  let waitingChars = 0;
  let waitingSinceMs = 0;
  let isHeld = false;
  let timer: ReturnType<typeof setTimeout>;
  let running: Promise<void> | undefined;

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
      if (analytics) {
        if (!store.get(OFF_KEY)) return;
        store.remove(OFF_KEY);
        view();
      } else {
        queue = [];
        for (const name of store.keys())
          if (name.startsWith(LOG_PREFIX) || name === SESSION_KEY) store.remove(name);
        store.put(OFF_KEY, "1");
        session = undefined;
        if (store.get(OUTBOX_KEY)) startPart("outbox");
      }
    },
    optOut: () => tracker.consent({ analytics: false }),
    flush,
    recommend: (options = {}) =>
      load("recs")
        .then((part) => part.recommend?.(page, options) ?? [])
        .catch(() => []),
  };

  const page: Page = {
    tracker,
    store,
    log,
    key,
    endpoint: base,
    session: () => (store.get(OFF_KEY) ? undefined : touchSession(store, Date.now(), randomId)),
    drop: sender.drop,
  };

  function startPart(name: PartName): void {
    load(name)
      .then((part) => part.start(page))
      .catch(ignore);
  }

  /** A new stream is a new log that only this page writes; the old one becomes anybody's to send. */
  function openStream(): void {
    release?.();
    stream = streamId(Date.now(), randomId());
    navigator.locks
      ?.request(
        LOG_PREFIX + stream,
        () =>
          new Promise<void>((done) => {
            release = done;
          }),
      )
      .catch(ignore);
    openHead();
  }

  function openHead(): void {
    log.open(stream, { session, stream, user, context: { url, referrer, language: navigator.language } });
  }

  /** The one store operation of a task. */
  function write(): void {
    if (!isAwake || !queue[0]) return;
    const events = queue;
    queue = [];
    const current = page.session();
    if (!current) return;
    if (session !== current) {
      session = current;
      openStream();
    }
    waitingChars += log.append(events);
    page.onLogged?.();
    if (waitingChars > WAITING_CHARS_MAX) void flush();
    schedule();
  }

  function schedule(): void {
    if (isHeld) return;
    const nowMs = performance.now();
    waitingSinceMs ||= nowMs;
    clearTimeout(timer);
    timer = setTimeout(flush, Math.min(quietMs, waitingSinceMs + WAIT_MAX_MS - nowMs));
  }

  /** Nothing is sent before the time that the collector asked for, or that its silence suggests. */
  function hold(waitMs: number): void {
    if (!waitMs) return;
    isHeld = true;
    clearTimeout(timer);
    timer = setTimeout(resume, waitMs);
    let chars = 0;
    for (const name of store.keys()) if (name.startsWith(LOG_PREFIX)) chars += store.get(name)?.length ?? 0;
    if (chars > LOG_CHARS_MAX) startPart("outbox");
  }

  function resume(): void {
    isHeld = false;
    void flush();
  }

  function flush(): Promise<void> {
    running ??= drain()
      .catch(ignore)
      .then(() => {
        running = undefined;
        if (waitingSinceMs) schedule();
      });
    return running;
  }

  /** Sends this page's log, then the logs of pages that are gone, each under the lock that its page held. */
  async function drain(): Promise<void> {
    write();
    if (isHeld || store.get(OFF_KEY)) return;
    log.seal();
    waitingChars = waitingSinceMs = 0;
    for (const name of new Set([stream, ...log.waiting().keys()])) {
      const isOurs = name === stream;
      const send = async () => sender.send(log.waiting().get(name) ?? [], !isOurs || sender.isInDoubt());
      hold(
        isOurs || !navigator.locks
          ? await send()
          : await navigator.locks.request(LOG_PREFIX + name, { ifAvailable: true }, (lock) =>
              lock ? send() : 0,
            ),
      );
      if (isHeld) return;
    }
    if (store.get(OUTBOX_KEY)) startPart("outbox");
  }

  function leave(): void {
    write();
    if (isHeld) return;
    log.seal();
    sender
      .leave(log.waiting().get(stream) ?? [])
      .then(hold)
      .catch(ignore);
  }

  function view(): void {
    write();
    referrer = url ?? (document.referrer || undefined);
    url = pageUrl();
    openHead();
    // Frameworks set the title after the address, most of them in the same task.
    queueMicrotask(() => tracker.track("page_view", { title: document.title }));
    whenParsed(lookForParts);
  }

  function lookForParts(): void {
    if (document.querySelector(CAPTURE_SELECTOR) || SEARCH_PATTERN.test(location.search))
      startPart("capture");
    if (document.querySelector("tidemark-recs")) startPart("recs");
  }

  for (const [name, method] of Object.entries(tracker)) Object.assign(tracker, { [name]: safe(method) });

  watchPage({
    onStart: () => {
      isAwake = true;
      view();
    },
    onRoute: () => {
      if (url !== pageUrl()) view();
    },
    onHidden: leave,
    onGone: () => {
      leave();
      release?.();
    },
    onRestored: () => {
      // Another page may have sent our log meanwhile: we begin one of our own.
      session = undefined;
      view();
    },
    onOnline: () => {
      if (sender.isInDoubt()) resume();
    },
  });
  return tracker;
}

/** Without the fragment, unless a router keeps its path there. */
function pageUrl(): string {
  return location.href.split(/#(?!\/)/)[0] as string;
}

function randomId(): string {
  return (Math.random().toString(36) + Math.random().toString(36)).replaceAll("0.", "");
}

function whenParsed(run: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", safe(run));
  else setTimeout(safe(run), LOOK_AFTER_MS);
}

import type { Browser } from "./browser.ts";
import { fakeOpenDB } from "./fake-idb.ts";
import type { EvaluatePage, PageGlobals, PageTracker } from "./page-globals.ts";

const ENDPOINT = "https://collect.sim.example";
const PART_LATENCY_MS = 50;
const DISK_MS = 10;
/** The second copy of the log: here all processes of a browser never die with what localStorage had not yet written. */
const NOT_SIMULATED = "mirror";

/** An event that a page tracked. The mark is in it, so that it is found again in any store. */
export interface Tracked {
  mark: string;
  browser: Browser;
  /** It was in the memory of a page only, whose disk was full, when the page was killed. */
  isLost?: true;
  /** The page did not take it: an overloaded collector wanted a share of its kind only. */
  isLeftOut?: true;
}

/** One tab: the SDK over globals that virtual time drives. */
export class Tab {
  readonly name: string;
  readonly tracked: Tracked[] = [];
  readonly #browser: Browser;
  readonly #tracker: PageTracker;
  readonly #listeners = new Map<string, ((event: object) => void)[]>();
  readonly #timers = new Map<number, () => void>();
  readonly #document: { hidden: boolean };
  /** Timers that came due while the page was frozen. */
  #overdue: (() => void)[] = [];
  #made = 0;
  #isFrozen = false;
  #isClosed = false;

  constructor(browser: Browser, name: string, evaluate: EvaluatePage) {
    this.#browser = browser;
    this.name = name;
    browser.world.note(`tab ${name} opens`);
    const tab = this;
    this.#document = {
      hidden: false,
      prerendering: false,
      referrer: "",
      // Read once for each page view, so the view has a mark of its own.
      get title() {
        return tab.#mark("view");
      },
      querySelector: () => null,
    } as { hidden: boolean };
    const modules = evaluate(this.#globals());
    this.#tracker = modules.createTracker("wk_sim", ENDPOINT, async (part) => {
      await this.#inPage(browser.world.sleep(browser.world.random.int(1, PART_LATENCY_MS)));
      if (browser.world.fault("tab.partMissing") || browser.network.isDown) throw new Error("not loaded");
      if (part === "outbox") browser.world.reach("sdk.outbox");
      if (part === NOT_SIMULATED) throw new Error("not loaded");
      const loaded = modules.parts[part];
      if (!loaded) browser.world.fail(`a page asks for its part ${part}, which the simulation does not have`);
      return loaded as object;
    });
    this.#fire("load");
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  get isActive(): boolean {
    return !this.#isClosed && !this.#isFrozen;
  }

  track(name: string, params: Record<string, unknown>): void {
    const mark = this.#mark(name);
    let isTaken = false;
    this.#tracker.track(name, {
      ...params,
      // Read once the tracker takes the event as it is.
      get mark() {
        isTaken = true;
        return mark;
      },
    });
    if (!isTaken) (this.tracked.at(-1) as Tracked).isLeftOut = true;
  }

  /** The process ends within this moment; nothing is said to the page. */
  kill(): void {
    this.#browser.world.note(`tab ${this.name} is killed`);
    this.#end();
    // What no other page can find any more is gone, and may be so only where the disk had no room.
    for (const tracked of this.tracked)
      if (this.#browser.wasFull && !this.#browser.holds(tracked.mark)) tracked.isLost = true;
  }

  /** The visitor closes it: the page hears so. */
  close(): void {
    this.#browser.world.note(`tab ${this.name} is closed`);
    this.#document.hidden = true;
    this.#fire("visibilitychange");
    this.#fire("pagehide", { persisted: false });
    // What the page does in the microtasks of its last event still takes place.
    this.#browser.world.at(0, () => this.kill());
  }

  /** Into the back/forward cache, and out of it. */
  freeze(): void {
    this.#browser.world.note(`tab ${this.name} freezes`);
    this.#document.hidden = true;
    this.#fire("visibilitychange");
    this.#fire("pagehide", { persisted: true });
    this.#isFrozen = true;
  }

  thaw(): void {
    if (this.#isClosed) return;
    this.#browser.world.note(`tab ${this.name} is back`);
    this.#isFrozen = false;
    this.#document.hidden = false;
    const overdue = this.#overdue;
    this.#overdue = [];
    for (const run of overdue) run();
    this.#fire("pageshow", { persisted: true });
    this.#fire("visibilitychange");
  }

  online(): void {
    this.#fire("online");
  }

  flush(): void {
    if (this.isActive) void this.#tracker.flush();
  }

  #mark(kind: string): string {
    const mark = `${kind}-${this.name}-${(this.#made++).toString(36)}-end`;
    this.tracked.push({ mark, browser: this.#browser });
    return mark;
  }

  #end(): void {
    this.#isClosed = true;
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#overdue = [];
    this.#browser.locks.release(this);
    this.#browser.tabs.delete(this);
  }

  #fire(type: string, event: object = {}): void {
    if (!this.isActive) return;
    for (const run of this.#listeners.get(type) ?? []) run(event);
  }

  /** Only while the page runs; a frozen page goes on where it was. */
  #whenRunning(run: () => void): void {
    if (this.#isClosed) return;
    if (this.#isFrozen) this.#overdue.push(run);
    else run();
  }

  /** What a page waits for comes to it while it runs: after a freeze later, after its end never. */
  #inPage<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.#whenRunning(() => resolve(value)),
        (error: unknown) => this.#whenRunning(() => reject(error)),
      );
    });
  }

  #globals(): PageGlobals {
    const browser = this.#browser;
    const { world } = browser;
    const random = world.random.fork();
    let timers = 0;
    const startTimer = (run: () => void, delayMs = 0, every?: number): number => {
      const timer = ++timers;
      const arm = (): void => {
        this.#timers.set(
          timer,
          world.at(delayMs, () => {
            this.#timers.delete(timer);
            this.#whenRunning(run);
            if (every !== undefined && !this.#isClosed) arm();
          }),
        );
      };
      arm();
      return timer;
    };
    const navigation = { addEventListener: () => {} };
    return {
      self: { navigation },
      navigation,
      navigator: { locks: browser.locks.of(this) },
      document: this.#document,
      location: { href: `https://shop.sim.example/${this.name}`, search: "", pathname: `/${this.name}` },
      localStorage: browser.localStorage,
      Date: { now: () => browser.nowMs() },
      Math: Object.assign(Object.create(Math), { random: () => random.next() }),
      AbortSignal: { timeout: (timeoutMs) => ({ timeoutMs }) },
      addEventListener: (type, run) => {
        const listeners = this.#listeners.get(type) ?? [];
        this.#listeners.set(type, listeners);
        listeners.push(run);
      },
      fetch: (url, init) => this.#inPage(browser.network.request(url, init, () => !this.#isClosed)),
      setTimeout: (run, delayMs, ...given) => startTimer(() => run(...given), delayMs),
      clearTimeout: (timer) => {
        if (timer === undefined) return;
        this.#timers.get(timer)?.();
        this.#timers.delete(timer);
      },
      setInterval: (run, delayMs) => startTimer(run, delayMs, delayMs),
      openDB: () => fakeOpenDB(browser.segments, () => this.#inPage(world.sleep(random.int(1, DISK_MS)))),
      deleteDB: async () => browser.segments.clear(),
    };
  }
}

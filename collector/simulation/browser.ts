import type { Edge } from "./edge.ts";
import type { Segments } from "./fake-idb.ts";
import { Locks } from "./locks.ts";
import { Network } from "./network.ts";
import type { EvaluatePage } from "./page-globals.ts";
import { Tab } from "./tab.ts";
import type { World } from "./world.ts";

/** UTF-16 units that a full localStorage takes. */
const QUOTA = 1_500;
const DAY_MS = 86_400_000;

/** One browser profile: what its tabs share, and what stays when they are gone. */
export class Browser {
  readonly name: string;
  readonly world: World;
  readonly network: Network;
  readonly locks: Locks;
  readonly tabs: Set<Tab> = new Set();
  /** What is on the disk of localStorage. */
  readonly stored: Record<string, string> = {};
  readonly segments: Segments = new Map();
  /** A page's view of `stored`, which throws when there is no room. */
  readonly localStorage: Record<string, string>;
  /** How far its clock is off. */
  skewMs: number;
  /** A write has failed here: events may have been in memory only. */
  wasFull = false;
  quota: number;
  onOpened: (tab: Tab) => void = () => {};
  #tabs = 0;

  constructor(world: World, name: string, edge: Edge) {
    this.world = world;
    this.name = name;
    this.locks = new Locks(() => world.reach("sdk.othersLog"));
    this.network = new Network(world, edge, `visitor-of-${name}`);
    this.skewMs = world.fault("clock.skew") ? world.random.int(-2 * DAY_MS, 2 * DAY_MS) : 0;
    this.quota = world.fault("storage.full") ? QUOTA : Number.POSITIVE_INFINITY;
    this.localStorage = new Proxy(this.stored, {
      set: (stored, key, value) => {
        const length = Object.entries(stored).reduce(
          (sum, [name, text]) => sum + name.length + text.length,
          0,
        );
        const before = stored[key as string];
        const grown = length - (before?.length ?? 0) + String(value).length;
        if (grown > this.quota && grown > length) {
          this.wasFull = true;
          throw new Error("QuotaExceededError");
        }
        stored[key as string] = String(value);
        return true;
      },
    });
  }

  nowMs(): number {
    return this.world.nowMs + this.skewMs;
  }

  open(evaluate: EvaluatePage): Tab {
    const tab = new Tab(this, `${this.name}.${this.#tabs++}`, evaluate);
    this.tabs.add(tab);
    this.onOpened(tab);
    return tab;
  }

  /** There is room and a connection again, and pages that were left are open. */
  heal(): void {
    this.quota = Number.POSITIVE_INFINITY;
    this.network.isDown = false;
    for (const tab of this.tabs) {
      tab.thaw();
      tab.online();
    }
  }

  lastVisit(evaluate: EvaluatePage): void {
    for (const tab of this.tabs) tab.close();
    this.open(evaluate);
  }

  /** Whether a text is in what survives every page. */
  holds(text: string): boolean {
    for (const value of Object.values(this.stored)) if (value.includes(text)) return true;
    for (const segment of this.segments.values()) if (segment.text.includes(text)) return true;
    return false;
  }

  /** Whether nothing waits to be sent. */
  get isDrained(): boolean {
    return this.segments.size === 0 && !Object.keys(this.stored).some((key) => key.startsWith("tm:"));
  }
}

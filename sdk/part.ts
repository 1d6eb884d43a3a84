import type { Recommendation } from "../collector/event/recommendation.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store.ts";
import type { Tracker } from "./tracker.ts";

/** Modules of their own, loaded on pages that need them. */
export type PartName = "capture" | "outbox" | "recs";

export interface Part {
  /** Called when the page needs the part, and again after each change of route; repeating it is harmless. */
  start(page: Page): void;
  recommend?(page: Page, options: RecommendOptions): Promise<Recommendation[]>;
}

/** What a part sees of the page's tracker. */
export interface Page {
  tracker: Tracker;
  store: Store;
  log: Log;
  key: string;
  /** With a slash at its end. */
  endpoint: string;
  /** Undefined while the visitor does not want to be measured. */
  session(): string | undefined;
  drop(reason: string, count: number): void;
  /** Called after events were logged. */
  onLogged?: () => void;
}

export interface RecommendOptions {
  placement?: string;
  /** Default 20. */
  limit?: number;
  /** The item that the page shows. */
  item?: string;
}

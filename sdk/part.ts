import type { Recommendation } from "../collector/event/recommendation.ts";
import type { Disk } from "./disk.ts";
import type { Tracker } from "./tracker.ts";

/** Modules of their own, loaded on pages that need them. */
export type PartName = "capture" | "recover" | "recs";

export interface Part {
  /** Called when the page needs the part, perhaps again and again; repeating it is harmless. */
  start(page: Page): void;
}

export interface RecsPart extends Part {
  recommend(page: Page, options?: RecommendOptions): Promise<Recommendation[]>;
}

export interface RecoverPart extends Part {
  /** Cuts from the log what the collector has already. */
  probe(page: Page, stream: string): Promise<void>;
}

/** What the modules of one page share. */
export interface Page {
  tracker: Tracker;
  disk: Disk;
  /** `https://collect.shop.example/v1/batches` and its siblings. */
  batchesUrl: string;
  /** `?key=wk_…` */
  query: string;
  /** Whether the last request got no answer, so that its batch may have arrived. */
  inDoubt?: boolean;
  /** Whether the collector asked to wait, or its silence suggests it. */
  isHeld?: boolean;
  /** Names of segments in requests that are not answered yet. */
  underway: Set<string>;
  /** Undefined while the visitor does not want to be measured. */
  session(): string | undefined;
  /** Sends what waits of a stream, unless the collector asked to wait. */
  send(stream: string): Promise<void>;
  /** Counts events that were given up; the batches that follow say so. */
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

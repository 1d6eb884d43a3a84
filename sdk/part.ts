import type { Hints } from "../collector/event/batch.ts";
import type { FreshnessClass } from "../collector/event/freshness.ts";
import type { Batch } from "./batch.ts";
import type { Disk } from "./disk.ts";
import type { Said } from "./said.ts";
import type { Tracker } from "./tracker.ts";

/**
 * Modules of their own, loaded on pages that need them.
 * No event waits for one: where a part cannot be loaded, the log keeps what it would have worked on.
 */
export type PartName =
  | "capture"
  | "consent"
  | "data-layer"
  | "errors"
  | "midnight"
  | "mirror"
  | "outbox"
  | "overlay"
  | "recover"
  | "recs"
  | "sample"
  | "vitals";

/** What a part exports; `start` is called when the page needs it, perhaps again and again. */
export type PartMethod = (page: Page, options?: unknown) => unknown;

/** What the modules of one page share. */
export interface Page {
  tracker: Tracker;
  disk: Disk;
  /** `https://collect.shop.example/v1/batches` and its siblings. */
  batchesUrl: string;
  /** The other address, once there was a need for it. */
  fallbackUrl?: string;
  /** `?key=wk_…` */
  keyQuery: string;
  /** The log that only this page writes; empty before its first event. */
  ownStream: string;
  /** What waits of it, in memory as on the disk, but for what is on its way. */
  batches: Set<Batch>;
  /** Failures in a row. */
  failures: number;
  /** What the last receipt asked for: events are sent once the page was quiet for a quarter of `flushMs`. */
  hints: Hints;
  /** Whether the collector asked to wait, or its silence suggests it. */
  isHeld?: boolean;
  /** Events that are no JSON and not in `dropped` yet. */
  unserializable: number;
  /** Events of the stream that were given up, by reason; the batches that follow say so. */
  dropped?: Record<string, number> | undefined;
  /** Undefined while the visitor does not want to be measured. */
  session(): string | undefined;
  /** What is logged from now on begins another batch, with the head as it is now. */
  seal(): void;
  /** Sends one of `batches`, which is there again if it could not be. */
  deliver(page: Page, batch: Batch): Promise<void>;
  /** Sets the one timer of the page. Answers nothing. */
  resumeAfter(delayMs: number): undefined;
  /** Sends what waits. */
  resume(): void;
  /** Counts a view if the address is another than that of the last one, or the page is back from the back/forward cache. */
  onRoute(event?: Event & { persisted?: boolean }): unknown;
  /** Loads a part and calls it; an empty list where that fails. */
  use(part: PartName, method?: string, options?: unknown): Promise<unknown>;
  /** Whether the collector does not know the route that tells what has arrived. */
  hasNoProbe?: boolean;
  /** How often in a row it asked to wait when it was asked for that. */
  probeWaits?: number;
  /** Looks after batches that failed before they are sent again. */
  settle?: () => Promise<void>;
  /** What the page was heard to say, so that it counts once whoever says it. */
  said?: Said;
  /** What the shop does not want to be logged, where the page has no attribute that says so. */
  scrub?: string | undefined;
  /** Whether what waits has a second copy, or cannot have one. */
  isCopied?: boolean;
  /** Called after events were logged. */
  onLogged?: () => void;
}

export interface RecommendOptions {
  /** Where the list is shown: its name in reports and rules. */
  placement?: string;
  /** `session` (default), `similar`, `viewed_together`, `bought_together`, `complements`, `trending`, `recent`, `new`, `back_in_stock`. */
  kind?: string;
  /** The item that the page shows. */
  item?: string;
  category?: string;
  region?: string;
  /** Items in the cart. */
  cart?: string[];
  /** Default 20. */
  limit?: number;
  /** How old the list may be; without it each list is asked for anew. */
  freshness?: FreshnessClass;
}

import type { Variant } from "../event/list-id.ts";
import { HASH_RANGE, hash53 } from "../stream/hash.ts";

/** Which visitors do without the model, so that the others can be compared with them. */
export interface HoldOut {
  /** Of visitors, 0 to 1; 0 is off. Raised, it keeps everyone who is in the group. */
  share: number;
  /** Names the experiment: another name draws another group. */
  experiment: string;
  /** What the group gets: the shop's popular items, or no list at all. */
  control: "popular" | "empty";
}

export const NO_HOLD_OUT: HoldOut = { share: 0, experiment: "1", control: "popular" };

/** Visitor ids that the collector made up for senders without one: of a day, a network and a browser. */
const DERIVED_PREFIX = "d.";
const SEED = 4;

/**
 * Whom a list is made for and its outcome counts for: the visitor, or the session when the sender names no visitor.
 * A question and its events must name the same ones, or one person is in both groups.
 */
export function unitOf(session: string | undefined, visitor: string | undefined): string | undefined {
  return visitor === undefined || visitor.startsWith(DERIVED_PREFIX) ? session : visitor;
}

/** The same for a unit on every shard, in every route, at any time. Without a unit the model answers. */
export function variantOf(holdOut: HoldOut, unit: string | undefined): Variant {
  if (holdOut.share <= 0 || unit === undefined) return "model";
  return hash53(`${holdOut.experiment}\n${unit}`, SEED) < holdOut.share * HASH_RANGE ? "control" : "model";
}

import type { RecommendationEvidence, RecommendationReason } from "../../event/recommendation.ts";
import type { ClickHistory } from "../click-history.ts";
import type { ItemTable } from "../item-table.ts";
import type { ModelLimits } from "../limits.ts";
import type { RunningSession } from "../running-session.ts";
import type { Scorer } from "../scorer.ts";

/** What a list is asked for. */
export interface Question {
  running: RunningSession;
  /** The item that the list is about: the one named, else the newest of the session; -1 for none. */
  item: number;
  category: string | undefined;
  region: string | undefined;
  /** Slots that must not be in the list. */
  hidden: ReadonlySet<number>;
  nowMs: number;
  /** So many are wanted; more cannot be used. */
  count: number;
}

/** One item of a list, by slot. */
export interface Pick {
  slot: number;
  score: number;
  reason: RecommendationReason;
  evidence?: RecommendationEvidence | undefined;
  /** Counts the evidence of an item that made it into the list. */
  tell?: (() => RecommendationEvidence) | undefined;
}

/** What lists are made from. */
export interface ShopMemory {
  history: ClickHistory;
  items: ItemTable;
  scorer: Scorer;
  limits: ModelLimits;
}

/** Makes the lists of one kind, best first, without hidden items. */
export type ListMaker = (question: Question) => Pick[];

/** What a site may use in one day (UTC). Each is a bound of the bill: what a stranger with its write key can cost. */
export interface Budget {
  /** New events, accepted or quarantined. */
  events: number;
  /** Batches, known ones as well: each may be a commit, which is a row. */
  batches: number;
  /**
   * Hours of event time that batches touch beyond the two that a batch at the turn of an hour has. Each may cost a
   * page and a part of the lake, so events from all over the past cost most.
   */
  spreadHours: number;
}
export type BudgetPart = keyof Budget;
export const BUDGET_PARTS: readonly BudgetPart[] = ["events", "batches", "spreadHours"];

/** `GET /v1/budget`: what this day has cost so far, over all shards. */
export interface BudgetAnswer {
  site: string;
  /** The day (UTC), and when the next one begins. */
  day: string;
  resetsAt: string;
  used: Budget;
  limits: Budget;
  /** What is used up, on one shard at least: batches are refused there, except those with orders. */
  exhausted: BudgetPart[];
}

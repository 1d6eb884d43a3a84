import type { SessionRow } from "./session-file.ts";

/** What the benchmark asks of a recommender. */
export interface Contender {
  name: string;
  learn(row: SessionRow): void;
  /** Item ids, best first; `prefix` is the running session so far, oldest first. */
  predict(session: string | undefined, prefix: readonly string[], count: number, nowMs: number): string[];
}

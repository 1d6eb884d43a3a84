import type { Hints } from "../collector/event/batch.ts";
import type { ProblemCode } from "../collector/event/reject.ts";

/** The body of an answer, as far as a sender reads it: a receipt's, or a problem's. */
export interface Answer {
  next?: Hints;
  /** Of a problem (RFC 9457): ends with its code. */
  type?: string;
}

/** `smaller`: a part of it may pass. */
export type Verdict = "taken" | "later" | "smaller" | "never";

/** The collector has read it, and the same bytes would get the same answer. */
const NEVER: readonly string[] = [
  "body_not_gzip",
  "body_not_json",
  "body_invalid",
  "batch_invalid",
  "stream_too_old",
] satisfies ProblemCode[];
const SMALLER: readonly string[] = [
  "body_too_large",
  "too_many_events",
  "too_many_values",
  "body_too_deep",
] satisfies ProblemCode[];
const TOO_LARGE = 413;
/** What has no more is not what some proxy finds too large: it refuses everything just now. */
const FAIR_CHARS = 8_000;

/**
 * What an answer means for a batch. Only the collector itself can refuse for good, by a code: whatever stands before it
 * answers 404 while it is deployed, 403 by mistake, or 200 with a page of its own.
 *
 * @param chars - of a single event, which cannot be cut into smaller batches
 */
export function verdictOf(reply: Response, answer: Answer | null | undefined, chars?: number): Verdict {
  if (reply.ok) return reply.headers.get("content-type")?.includes("html") ? "later" : "taken";
  const code = String(answer?.type).replace(/.*\//, "");
  if (NEVER.includes(code)) return "never";
  const isCoded = SMALLER.includes(code);
  if (!isCoded && reply.status !== TOO_LARGE) return "later";
  if (chars === undefined) return "smaller";
  return isCoded || chars > FAIR_CHARS ? "never" : "later";
}

import { expect, test } from "vitest";
import { type Answer, type Verdict, verdictOf } from "./verdict.ts";

const LARGE = 100_000;
const problem = (code: string): Answer => ({ type: `https://tidemark.dev/problems/${code}` });

test.each<[status: number, answer: Answer | undefined, contentType: string, many: Verdict, one: Verdict]>([
  [200, {}, "application/json", "taken", "taken"],
  // Cut off behind its headers: the journal has it all the same.
  [200, undefined, "application/json", "taken", "taken"],
  [200, undefined, "text/html; charset=utf-8", "later", "later"],
  [302, undefined, "text/html", "later", "later"],
  [400, undefined, "text/html", "later", "later"],
  [400, problem("batch_invalid"), "application/problem+json", "never", "never"],
  [400, problem("body_incomplete"), "application/problem+json", "later", "later"],
  [400, problem("body_too_deep"), "application/problem+json", "smaller", "never"],
  [401, problem("key_unknown"), "application/problem+json", "later", "later"],
  [403, undefined, "text/plain", "later", "later"],
  [404, problem("not_found"), "application/problem+json", "later", "later"],
  [405, undefined, "text/html", "later", "later"],
  [410, undefined, "text/html", "later", "later"],
  [410, problem("stream_too_old"), "application/problem+json", "never", "never"],
  [413, problem("body_too_large"), "application/problem+json", "smaller", "never"],
  [413, undefined, "text/html", "smaller", "never"],
  [429, problem("rate_limited"), "application/problem+json", "later", "later"],
  [503, problem("overloaded"), "application/problem+json", "later", "later"],
])("%i %o of %s: %s, and for an event alone %s", (status, answer, contentType, many, one) => {
  const reply = new Response(null, { status, headers: { "content-type": contentType } });
  expect(verdictOf(reply, answer)).toBe(many);
  expect(verdictOf(reply, answer, LARGE)).toBe(one);
});

test("a small event that something finds too large is tried again later", () => {
  expect(verdictOf(new Response(null, { status: 413 }), undefined, 100)).toBe("later");
});

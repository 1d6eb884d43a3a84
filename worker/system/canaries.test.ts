import { expect, test } from "vitest";
import { runCanaries } from "../../scripts/canaries/run.ts";
import { summaryLines } from "../../scripts/canaries/summary.ts";

const SEED = 20_261_102;

test("what is private is in no database, bucket, lake, answer, live message or log, whichever way it came in", async () => {
  const result = await runCanaries({ count: 320, seed: SEED });
  expect(result.leaks, summaryLines(result).join("\n")).toEqual([]);
  // The search itself works: something public is found in each of the same places.
  expect(result.blind).toEqual([]);
});

import { expect, test } from "vitest";
import { fuzzSystem } from "../../scripts/fuzz/run.ts";
import { summaryLines } from "../../scripts/fuzz/summary.ts";
import { System } from "./system.ts";

/** A seed that failed once gets a test of its own, by its cause. */
const SEED = 20_261_102;

test("ten thousand hostile requests get answers with documented codes, and leave all as it should be", async () => {
  await using system = await System.start();
  const result = await fuzzSystem(system.host, {
    inputs: 10_000,
    seed: SEED,
    processShare: 0.85,
    say: () => {},
  });
  expect(result.problems, summaryLines("", result).join("\n")).toEqual([]);
  expect(system.complaints.filter((line) => line.startsWith("error"))).toEqual([]);
});

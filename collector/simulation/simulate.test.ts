import { evaluatePage } from "virtual:sdk-page";
import { expect, test } from "vitest";
import { type Outcome, simulate } from "./simulate.ts";

/** A slice of the campaign; `npm run simulate` is the whole. */
const SEEDS = 300;

function run(seed: number): Promise<Outcome> {
  const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));
  return simulate(seed, { evaluatePage, settled });
}

test("nothing is lost and nothing counts twice, whatever goes wrong", { timeout: 300_000 }, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation } = await run(seed);
    expect(violation, `npm run simulate -- --seed ${seed}`).toBeUndefined();
  }
});

test("a beginning of a segment that a full disk left in another tab is not taken for the whole", async () => {
  expect((await run(2684)).violation).toBeUndefined();
});

test("a flush does not plan the record of a commit that the disk refused", async () => {
  expect((await run(4166)).violation).toBeUndefined();
});

test("the same seed is the same run", async () => {
  const [first, second, other] = [await run(7), await run(7), await run(8)];
  expect(second).toEqual(first);
  expect(other.hash).not.toBe(first.hash);
});

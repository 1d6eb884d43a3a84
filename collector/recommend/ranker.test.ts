import { expect, test } from "vitest";
import { ALWAYS_FEATURE, CANDIDATE_FEATURES as F, SESSION_FEATURES as S } from "./features.ts";
import { PageReader, PageWriter } from "./page-bytes.ts";
import { Ranker } from "./ranker.ts";

const COUNT = 10;

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

/** A list whose right answer depends on the session: the candidate highest in feature 5, or in feature 6. */
function puzzle(random: () => number): { candidates: Float64Array; session: Float64Array; right: number } {
  const candidates = Float64Array.from({ length: COUNT * F }, () => random());
  const session = new Float64Array(S).fill(0);
  session[0] = 1;
  session[1] = random() < 0.5 ? 1 : -1;
  const feature = session[1] === 1 ? 5 : 6;
  let right = 0;
  for (let c = 1; c < COUNT; c++) {
    if ((candidates[c * F + feature] as number) > (candidates[right * F + feature] as number)) right = c;
  }
  return { candidates, session, right };
}

function firstPlaces(ranker: Ranker, seed: number): number {
  const random = randomNumbers(seed);
  let hits = 0;
  for (let i = 0; i < 400; i++) {
    const { candidates, session, right } = puzzle(random);
    const scores = ranker.score(candidates, session, COUNT).slice(0, COUNT);
    if (scores.indexOf(Math.max(...scores)) === right) hits++;
  }
  return hits / 400;
}

function taught(lists: number): Ranker {
  const ranker = new Ranker(COUNT);
  const random = randomNumbers(7);
  for (let i = 0; i < lists; i++) {
    const { candidates, session, right } = puzzle(random);
    ranker.learn(candidates, session, COUNT, right);
  }
  return ranker;
}

test("it learns an order that depends on the session, which no fixed weights can give", () => {
  expect(firstPlaces(taught(0), 99)).toBeLessThan(0.2);
  expect(firstPlaces(taught(24_000), 99)).toBeGreaterThan(0.7);
});

test("the same lists make the same weights, and a page restores them in the middle of a batch", () => {
  const one = taught(1003);
  const writer = new PageWriter();
  one.writePage(writer);
  expect(writer.take().length).toBeLessThan(100_000);
  const other = new Ranker(COUNT);
  other.readPage(new PageReader(writer.take()));
  const random = randomNumbers(3);
  for (let i = 0; i < 50; i++) {
    const { candidates, session, right } = puzzle(random);
    one.learn(candidates, session, COUNT, right);
    other.learn(candidates, session, COUNT, right);
    expect([...other.score(candidates, session, COUNT)]).toEqual([...one.score(candidates, session, COUNT)]);
  }
  expect(other.weights).toEqual(one.weights);
});

test("before it has learned, the order is that of the blend", () => {
  const ranker = new Ranker(COUNT);
  const candidates = new Float64Array(COUNT * F);
  for (let c = 0; c < COUNT; c++) candidates[c * F] = -c / COUNT;
  const session = new Float64Array(S);
  session[ALWAYS_FEATURE] = 1;
  const scores = [...ranker.score(candidates, session, COUNT)];
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
});

test("extreme features and a right answer that never changes leave finite weights", () => {
  const ranker = new Ranker(COUNT);
  const candidates = new Float64Array(COUNT * F).fill(10);
  const session = new Float64Array(S).fill(10);
  for (let i = 0; i < 8000; i++) {
    candidates.fill(i % 3 === 0 ? 0 : i % 3 === 1 ? 10 : -10);
    ranker.learn(candidates, session, COUNT, 0);
  }
  for (const value of ranker.weights) expect(Number.isFinite(value)).toBe(true);
  for (const value of ranker.score(candidates, session, COUNT)) expect(Number.isFinite(value)).toBe(true);
});

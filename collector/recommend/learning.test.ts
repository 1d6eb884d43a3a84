import { expect, test } from "vitest";
import { SessionModel } from "./session-model.ts";

const FROM_MS = 1_700_000_000_000;

/** Shoppers who compare two of a hundred items: there and back, six clicks each. */
function meanReciprocalRank(isRanked: boolean): number {
  const model = new SessionModel({}, isRanked);
  let state = 4711;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let sum = 0;
  let queries = 0;
  for (let n = 0; n < 900; n++) {
    const session = `session ${n}`;
    const pair = [`item ${random(100)}`, `other ${random(100)}`];
    for (let i = 0; i < 6; i++) {
      const itemId = pair[i % 2] as string;
      const nowMs = FROM_MS + (n * 10 + i) * 1000;
      if (n >= 700 && i >= 2) {
        const list = model.recommend({ session, limit: 20, nowMs, unfiltered: true });
        sum += 1 / (1 + list.findIndex(({ id }) => id === itemId));
        queries++;
      }
      model.learn({ session, itemId, kind: "view", occurredAtMs: nowMs });
    }
  }
  return sum / queries;
}

test("it learns how this shop's sessions go on, where fixed weights stay wrong", () => {
  const fixed = meanReciprocalRank(false);
  const learned = meanReciprocalRank(true);
  expect(fixed).toBeLessThan(0.8);
  expect(learned).toBeGreaterThan(0.95);
});

test("a stream of random items, and one of identical clicks, leave sound lists", () => {
  const model = new SessionModel({ items: 500, clicks: 4096, sessions: 1024 });
  let state = 1;
  for (let i = 0; i < 60_000; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const isSame = i % 20_000 > 15_000;
    const itemId = isSame ? "same" : `item ${state % 100_000}`;
    const session = isSame ? "robot" : `session ${Math.floor(i / 3) - (state >>> 28)}`;
    model.learn({ session, itemId, kind: "view", occurredAtMs: FROM_MS + (isSame ? 0 : i * 500) });
    if (i % 500 !== 0) continue;
    const list = model.recommend({ session, limit: 30, nowMs: FROM_MS + i * 500 });
    expect(list.every(({ score }) => Number.isFinite(score) && score >= 0)).toBe(true);
    expect(list.map(({ score }) => score).sort((a, b) => b - a)).toEqual(list.map(({ score }) => score));
  }
  expect(model.recommend({ itemId: "same", limit: 5, nowMs: FROM_MS }).length).toBe(5);
});

test("pages from before there was a ranker are read, and the ranker begins anew", () => {
  const model = new SessionModel();
  for (let i = 0; i < 60; i++) {
    const itemId = `item ${i % 5}`;
    model.learn({ session: `s${i >> 2}`, itemId, kind: "view", occurredAtMs: FROM_MS + i });
  }
  const pages = model.takeDirtyPages().filter(({ key }) => key !== "recs/ranker");
  const list = SessionModel.load(pages).recommend({ itemId: "item 1", limit: 4, nowMs: FROM_MS });
  expect(list.map(({ id }) => id).sort()).toEqual(["item 0", "item 2", "item 3", "item 4"]);
});

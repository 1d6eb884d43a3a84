import { expect, test } from "vitest";
import { SessionModel } from "./session-model.ts";

const FROM_MS = 1_700_000_000_000;

test("the last place of a list goes by lot to what no list had for long, until one has it again", () => {
  const model = new SessionModel();
  let clicks = 0;
  let sessions = 0;
  const visit = (...itemIds: string[]) => {
    sessions++;
    for (const itemId of itemIds)
      model.learn({ session: `s${sessions}`, itemId, kind: "view", occurredAtMs: FROM_MS + 1000 * clicks++ });
  };
  /** Lists of visitors who are at the lamp now and came from somewhere else each. */
  const lists = (limit: number, of = model) =>
    Array.from({ length: 30 }, (_, n) => {
      const recent = [`hall ${n}`, "lamp"];
      return of.recommend({ recent, limit, nowMs: FROM_MS + 1000 * clicks }).map(({ id }) => id);
    });
  const distinct = (of: string[][], place: number) => new Set(of.map((list) => list[place])).size;
  for (let n = 0; n < 30; n++) visit(`hall ${n}`);
  for (let item = 0; item < 12; item++) for (let n = item; n < 12; n++) visit("lamp", `item ${item}`);

  const before = lists(8);
  expect(distinct(before, 7)).toBe(1);
  // Visits of one click: no list is tested meanwhile.
  for (let n = 0; n < 1000; n++) visit(`hall ${n % 30}`);
  const after = lists(8);
  expect(distinct(after, 7)).toBeGreaterThan(3);
  expect(after.map((list) => list.slice(0, 7))).toEqual(before.map((list) => list.slice(0, 7)));
  expect(lists(7)).toEqual(before.map((list) => list.slice(0, 7)));
  expect(lists(8, SessionModel.load(model.allPages()))).toEqual(after);

  visit("lamp", "item 0");
  expect(distinct(lists(8), 7)).toBe(1);
  expect(lists(8, SessionModel.load(model.allPages()))).toEqual(lists(8));
});

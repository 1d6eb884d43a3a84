import { expect, test } from "vitest";
import type { BudgetAnswer } from "../../../collector/event/budget.ts";
import { noticeText } from "./budget-notice.ts";

const answer = (more: Partial<BudgetAnswer>): BudgetAnswer => ({
  site: "shop",
  day: "2026-11-22",
  resetsAt: "2026-11-23T00:00:00.000Z",
  used: { events: 20_000_000, batches: 12, spreadHours: 200_001 },
  limits: { events: 20_000_000, batches: 2_000_000, spreadHours: 200_000 },
  exhausted: [],
  ...more,
});

test("while there is budget nothing is said", () => {
  expect(noticeText(answer({}))).toBe("");
});

test("what is used up is named, with its numbers and what still counts", () => {
  const text = noticeText(answer({ exhausted: ["events"] }));
  expect(text).toContain("events (20,000,000 of 20,000,000)");
  expect(text).toContain("orders still count");
});

test("when only the past is used up, the present is said to count", () => {
  expect(noticeText(answer({ exhausted: ["spreadHours"] }))).toContain("what happens now is counted");
});

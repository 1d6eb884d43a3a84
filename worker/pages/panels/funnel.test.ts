import { expect, test } from "vitest";
import { funnelRows } from "./funnel.ts";

test("each step is measured against the step before, its bar against the largest", () => {
  const rows = funnelRows([
    { name: "page_view", sessions: 200 },
    { name: "view_item", sessions: 100 },
    { name: "purchase", sessions: 5 },
  ]);
  expect(rows.map(({ rate, share }) => [rate, share])).toEqual([
    ["–", 1],
    ["50%", 0.5],
    ["5%", 0.025],
  ]);
});

test("an empty funnel has no rates and no division by zero", () => {
  const rows = funnelRows([
    { name: "page_view", sessions: 0 },
    { name: "a_custom_step", sessions: 0 },
  ]);
  expect(rows).toEqual([
    { label: "Saw a page", sessions: 0, rate: "–", share: 0 },
    { label: "a_custom_step", sessions: 0, rate: "–", share: 0 },
  ]);
});

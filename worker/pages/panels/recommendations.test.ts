import { expect, test } from "vitest";
import type { RecommendationsReport } from "../../../collector/event/report.ts";
import { sampleReport } from "../testing/sample.ts";
import { comparisonLines, outcomeText, qualityRows } from "./recommendations.ts";

const { totals, quality, comparison } = sampleReport(
  "recommendations",
  new URLSearchParams(),
  0,
) as RecommendationsReport;

test("what came of lists is one sentence, also of none", () => {
  expect(outcomeText(totals)).toBe(
    "18,204 lists shown, 1,311 clicks (7.2%); from these 402 into carts and 97 orders with €9,034.50.",
  );
  const nothing = { impressions: 0, clicks: 0, ctr: 0, carts: 0, orders: 0, units: 0, revenue: [] };
  expect(outcomeText(nothing)).toBe("No list of recommendations was shown.");
  expect(outcomeText({ ...nothing, impressions: 1 })).toBe(
    "1 list shown, 0 clicks (0%); from these 0 into carts and 0 orders.",
  );
});

test("quality stands beside the error of its sample", () => {
  expect(qualityRows(quality.totals)).toEqual([
    ["Next click in the list of 20 (HR@20)", "55.1% ± 0.4"],
    ["The same in the list as shown, without repeats", "48.1% ± 0.4"],
    ["How far up (MRR@20)", "0.209 ± 0.003"],
    ["Items that were in a list (coverage)", "≈ 172 of 185"],
    ["Popularity bias (0 rarities, 1 bestsellers)", "0.087"],
    ["Clicks put to the test", "15,314 of 61,200"],
  ]);
  expect(qualityRows({ ...quality.totals, tested: 0 })).toEqual([["Clicks put to the test", "none yet"]]);
});

test("the comparison says in words what an interval allows to say", () => {
  const [visitors, conversion, revenue, ctr] = comparisonLines(comparison as NonNullable<typeof comparison>);
  expect(visitors).toBe("4,210 visitors with the model, 466 held out; 3 saw both and are left out.");
  expect(conversion).toBe(
    "Visitors who order: 4.8% with the model, 3.9% held out; the difference is between −2.1 points and +3.8 points: not told apart yet.",
  );
  expect(revenue).toBe(
    "Revenue of a visitor: €5.12 with the model, €3.01 held out; the difference is between +€0.24 and +€3.98: the model does better.",
  );
  expect(ctr).toBe("Clicks for each list: 7.2% with the model, 0.0% held out; too few visitors to tell.");
});

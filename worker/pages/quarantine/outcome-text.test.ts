import { expect, test } from "vitest";
import { summaryText } from "./outcome-text.ts";

test("a summary has the most first, and why the rest was rejected", () => {
  const id = "0-1-0";
  const rejected = (code: string) => ({ id, outcome: "rejected" as const, code, pointer: "" });
  expect(
    summaryText([
      rejected("money_invalid"),
      { id, outcome: "replayed", receipt: "0-2" },
      { id, outcome: "replayed", receipt: "0-2" },
      { id, outcome: "replayed", receipt: "0-2" },
      rejected("name_missing"),
      rejected("name_missing"),
      rejected("name_missing"),
      { id, outcome: "duplicate" },
    ]),
  ).toBe("4 still rejected (name_missing 3, money_invalid 1), 3 replayed, 1 duplicate.");
  expect(summaryText([])).toBe("Nothing was open.");
});

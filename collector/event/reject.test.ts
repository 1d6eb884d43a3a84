import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const text = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** The members of a union of texts, from its source: the codes are types only. */
function codes(union: string): string[] {
  const [, members = ""] = new RegExp(`type ${union} =([^;]*);`).exec(text("./reject.ts")) ?? [];
  return [...members.matchAll(/"(\w+)"/g)].map(([, code = ""]) => code);
}

describe("docs/wire-format.md", () => {
  const rows = text("../../docs/wire-format.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  it.each([...codes("RejectCode"), ...codes("ProblemCode")])("has a row for %s", (code) => {
    expect(rows.some((row) => row.split("|")[1]?.includes(`\`${code}\``))).toBe(true);
  });
});

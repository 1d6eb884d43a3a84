import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVENT_COLUMNS } from "./columns.ts";

const DOCUMENT = new URL("../../docs/lake.md", import.meta.url);

/** The table as docs/lake.md must hold it. */
function columnsTable(): string {
  const rows = EVENT_COLUMNS.map(
    ({ name, type, required, description }) =>
      `| \`${name}\` | \`${type}\` | ${required ? "" : "yes"} | ${description} |`,
  );
  return ["| Column | Type | May be NULL | What |", "|---|---|---|---|", ...rows].join("\n");
}

describe("the columns of an event", () => {
  it("are documented as they are", () => {
    const text = readFileSync(DOCUMENT, "utf8");
    const [, table = ""] = /<!-- columns:[^>]*-->\n(.*?)<!-- \/columns -->/s.exec(text) ?? [];
    expect(table.trim()).toBe(columnsTable());
  });

  it("have unique names in snake_case", () => {
    const names = EVENT_COLUMNS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });
});

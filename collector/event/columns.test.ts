import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVENT_COLUMNS, isListColumn } from "./columns.ts";

const DOCUMENT = new URL("../../docs/lake.md", import.meta.url);

/** What docs/lake.md must hold between its marks: a table of the columns and one of the fields of an item. */
function documented(): string[] {
  const columns = EVENT_COLUMNS.map((column) => {
    const type = isListColumn(column) && column.fields.length > 0 ? "STRUCT(…)[]" : column.type;
    return `| \`${column.name}\` | \`${type}\` | ${column.required ? "" : "yes"} | ${column.description} |`;
  });
  const fields = EVENT_COLUMNS.filter(isListColumn).flatMap((column) =>
    column.fields.map((field) => `| \`${column.name}[i].${field.name}\` | \`${field.type}\` |`),
  );
  return [
    "| Column | Type | May be NULL | What |",
    "| - | - | - | - |",
    ...columns,
    "| Field of a list | Type |",
    "| - | - |",
    ...fields,
  ];
}

/** Table rows without the padding that the formatter adds. */
function tableRows(markdown: string): string[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replace(/-{2,}/g, "-").replace(/ {2,}/g, " "));
}

describe("the columns of an event", () => {
  it("are documented as they are", () => {
    const text = readFileSync(DOCUMENT, "utf8");
    const [, table = ""] = /<!-- columns:[^>]*-->\n(.*?)<!-- \/columns -->/s.exec(text) ?? [];
    expect(tableRows(table)).toEqual(documented().map((row) => row.replace(/ {2,}/g, " ")));
  });

  it("have unique names in snake_case", () => {
    const names = EVENT_COLUMNS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });
});

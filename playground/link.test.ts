import { expect, test } from "vitest";
import { duckDbMessage } from "./duckdb-message.ts";
import { LINK_SQL_LENGTH_MAX, readLink, toLink } from "./link.ts";
import { removeQuery, SAVED_QUERIES_MAX, savedQueries, saveQuery } from "./saved-queries.ts";

const QUESTIONS = [{ id: "funnel", sql: "SELECT 1" }];

test("SQL goes through a link unchanged", () => {
  const sql = "-- ünïcode & more\nSELECT '100%' + 1 AS \"a#b\"";
  expect(readLink(toLink(sql, QUESTIONS) ?? "")).toEqual({ sql });
});

test("a shipped question is linked by its name", () => {
  expect(toLink(" SELECT 1\n", QUESTIONS)).toBe("#question=funnel");
  expect(readLink("#question=funnel")).toEqual({ question: "funnel" });
});

test("SQL over the bound is no link, and none is read", () => {
  const long = "x".repeat(LINK_SQL_LENGTH_MAX + 1);
  expect(toLink(long, QUESTIONS)).toBeUndefined();
  expect(readLink(`#q=${long}`)).toBeUndefined();
  expect(readLink("")).toBeUndefined();
});

test("queries are kept by name, up to a bound, and a broken store has none", () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  expect(saveQuery(store, { name: "b", sql: "1" })).toBeUndefined();
  saveQuery(store, { name: "a", sql: "2" });
  saveQuery(store, { name: "b", sql: "3" });
  expect(savedQueries(store)).toEqual([
    { name: "a", sql: "2" },
    { name: "b", sql: "3" },
  ]);
  removeQuery(store, "a");
  for (let index = 1; index < SAVED_QUERIES_MAX; index += 1) saveQuery(store, { name: `q${index}`, sql: "" });
  expect(saveQuery(store, { name: "one more", sql: "" })).toContain(String(SAVED_QUERIES_MAX));
  expect(savedQueries({ ...store, getItem: () => "{broken" })).toEqual([]);
});

test("an error of the engine is said in words, with its place", () => {
  const json = JSON.stringify({
    exception_type: "Parser",
    exception_message: "syntax error",
    position: "10",
  });
  expect(duckDbMessage(json, "SELECT 1\n FROM")).toBe("Parser Error, line 2, column 2: syntax error");
  expect(duckDbMessage("plain words", "")).toBe("plain words");

  const missing = (name: string) =>
    duckDbMessage(
      JSON.stringify({
        exception_type: "Catalog",
        exception_message: `Table with name ${name} does not exist!`,
      }),
      "",
    );
  expect(missing("events")).toContain("Load the lake again");
  expect(missing("event")).not.toContain("Load the lake again");
});

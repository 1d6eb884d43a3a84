import { tableFromArrays, tableToIPC } from "@uwdata/flechette";
import { expect, test } from "vitest";
import type { Database } from "../database.ts";
import { EVENT_COLUMN_NAMES } from "../tables.ts";
import { EventInserts } from "./event-inserts.ts";

/** Remembers what it was told. */
function database(): Database & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    query: async (sql) => {
      calls.push(sql);
      return { columns: [], rows: [], more: false };
    },
    appendArrow: async (table) => void calls.push(`append ${table}`),
  };
}

const part = (columns: readonly string[], rows: number) => ({
  id: 0,
  ipc: (tableToIPC(tableFromArrays({ n: [1] }), { format: "stream" }) as Uint8Array<ArrayBuffer>).slice(),
  columns: [...columns],
  rows,
});

test("small parts are inserted together, large ones at once", async () => {
  const target = database();
  const inserts = new EventInserts(Promise.resolve(target));
  for (let index = 0; index < 5; index += 1) await inserts.add(part(EVENT_COLUMN_NAMES, 10), "small");
  expect(target.calls).toEqual([]);
  await inserts.flush();
  expect(target.calls).toEqual(["append events"]);
  await inserts.flush();
  await inserts.add(part(EVENT_COLUMN_NAMES, 50_000), "large");
  expect(target.calls).toEqual(["append events", "append events"]);
});

test("a part from before a column was added is inserted by name", async () => {
  const target = database();
  const inserts = new EventInserts(Promise.resolve(target));
  await inserts.add(part(["session", "user"], 10), "old");
  expect(target.calls).toEqual([
    'CREATE TABLE "old" AS SELECT "session", "user" FROM events LIMIT 0',
    "append old",
    'INSERT INTO events BY NAME SELECT * FROM "old"; DROP TABLE "old"',
  ]);
});

test("a part with a column of the future asks for a newer page", async () => {
  const inserts = new EventInserts(Promise.resolve(database()));
  await expect(inserts.add(part(["session", "mood"], 10), "new")).rejects.toThrow(/"mood".*Reload the page/);
});

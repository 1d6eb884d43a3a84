import { describe, expect, test } from "vitest";
import type { LakePart } from "../event/lake.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { JournalRow } from "./journal.ts";
import { readJson, type ShardStore, writeJson } from "./shard-store.ts";

/**
 * What every disk of a shard keeps.
 *
 * @param use - opens an empty store for one test
 */
export function shardStoreSuite(
  name: string,
  use: (run: (store: ShardStore) => void | Promise<void>) => Promise<void>,
): void {
  describe(name, () => {
    test("reads a journal row as it was written last", () =>
      use((store) => {
        store.journal.write(0, row(1, "first"));
        store.journal.write(1, row(2, "second"));
        store.journal.write(0, row(3, "third 🧵"));
        expect(store.journal.read(0)).toEqual(row(3, "third 🧵"));
        expect(store.journal.read(1)).toEqual(row(2, "second"));
      }));

    test("scans which slots hold which records, and how long they are", () =>
      use((store) => {
        store.journal.write(4, row(7, "abc"));
        store.journal.write(2, row(8, ""));
        const slots = [...store.journal.scan()].sort((a, b) => a.slot - b.slot);
        expect(slots).toEqual([
          { slot: 2, lsn: 8, length: 0 },
          { slot: 4, lsn: 7, length: 3 },
        ]);
      }));

    test("throws for a slot that was never written", () =>
      use((store) => {
        expect(() => store.journal.read(9)).toThrow();
      }));

    test("gives all pages but hours and ids in key order, and each by its key", () =>
      use((store) => {
        const bytes = new Uint8Array([0, 255, 7]);
        expect(
          store.pages.write([
            { key: "b/2", bytes },
            { key: "hour/1", bytes },
            { key: "id/1", bytes },
            { key: "b/1", bytes: new Uint8Array(2) },
            { key: "a", bytes },
          ]),
        ).toBe(14);
        expect(store.pages.all().map(({ key }) => key)).toEqual(["a", "b/1", "b/2"]);
        expect(store.pages.read("hour/1")).toEqual(bytes);
        expect(store.pages.read("none")).toBeUndefined();
      }));

    test("removes a page, and keeps a page apart from the bytes that it was made of", () =>
      use((store) => {
        const bytes = new Uint8Array([1]);
        store.pages.write([
          { key: "a", bytes },
          { key: "b", bytes },
        ]);
        bytes[0] = 2;
        store.pages.write([{ key: "b", bytes: null }]);
        expect(store.pages.read("a")).toEqual(new Uint8Array([1]));
        expect(store.pages.read("b")).toBeUndefined();
        writeJson(store.pages, "json", { flushedLsn: 3 });
        expect(readJson(store.pages, "json")).toEqual({ flushedLsn: 3 });
      }));

    test("lists the parts whose hour overlaps a range, by key and up to a limit", () =>
      use((store) => {
        const hours = [0, 1, 2, 3].map((hour) => ({ hourMs: hour * HOUR_MS, part: part(`p${hour}`) }));
        store.parts.write(hours.reverse());
        const keys = (fromMs: number, toMs: number, limit = 10): string[] =>
          store.parts.between(fromMs, toMs, limit).map(({ key }) => key);
        expect(keys(HOUR_MS, 2 * HOUR_MS)).toEqual(["p1"]);
        expect(keys(1.5 * HOUR_MS, 2 * HOUR_MS + 1)).toEqual(["p1", "p2"]);
        expect(keys(0, Number.MAX_SAFE_INTEGER, 3)).toEqual(["p0", "p1", "p2"]);
        store.parts.write([{ hourMs: HOUR_MS, part: { ...part("p1"), rows: 99 } }]);
        expect(store.parts.between(HOUR_MS, HOUR_MS + 1, 10)).toEqual([{ ...part("p1"), rows: 99 }]);
      }));

    test("gives rows of the quarantine by id, the newest first, and the oldest", () =>
      use((store) => {
        const row = (id: number, events = 1, open = events) => ({
          id,
          receivedAtMs: 1_790_000_000_000 + id,
          events,
          open,
          text: `[${id}] 🧵`,
        });
        const ids = (fromId: number, toId: number, limit = 10): number[] =>
          [...store.quarantine.newest({ fromId, toId, limit })].map(({ id }) => id);
        expect(store.quarantine.oldest()).toBeUndefined();
        expect(store.quarantine.size()).toEqual({ events: 0, open: 0 });
        for (const id of [65_536, 65_537, 2 ** 50]) store.quarantine.write(row(id, 3));
        expect(ids(0, Number.MAX_SAFE_INTEGER)).toEqual([2 ** 50, 65_537, 65_536]);
        expect(ids(65_536, 65_537, 1)).toEqual([65_537]);
        store.quarantine.write(row(65_536, 2, 1));
        expect(store.quarantine.oldest()).toEqual(row(65_536, 2, 1));
        expect(store.quarantine.size()).toEqual({ events: 8, open: 7 });
        store.quarantine.remove(65_536);
        expect(store.quarantine.oldest()).toEqual(row(65_537, 3));
        expect(() =>
          store.transaction(() => {
            store.quarantine.remove(65_537);
            store.quarantine.write(row(9));
            throw new Error("no");
          }),
        ).toThrow("no");
        expect(ids(0, Number.MAX_SAFE_INTEGER)).toEqual([2 ** 50, 65_537]);
      }));

    test("counts the parts of crowded hours, and forgets parts that are removed", () =>
      use((store) => {
        const place = (hour: number, key: string) => ({ hourMs: hour * HOUR_MS, part: part(key) });
        store.parts.write([
          place(2, "c"),
          place(1, "a"),
          place(1, "b"),
          place(2, "d"),
          place(2, "e"),
          place(3, "f"),
        ]);
        expect(store.parts.crowded(2)).toEqual([
          { hourMs: HOUR_MS, parts: 2 },
          { hourMs: 2 * HOUR_MS, parts: 3 },
        ]);
        store.parts.remove(["a", "c", "never there"]);
        expect(store.parts.crowded(2)).toEqual([{ hourMs: 2 * HOUR_MS, parts: 2 }]);
        expect(store.parts.between(0, 4 * HOUR_MS, 10).map(({ key }) => key)).toEqual(["b", "d", "e", "f"]);
      }));

    test("takes back all of a transaction that throws, and answers what another one returns", () =>
      use((store) => {
        store.journal.write(0, row(1, "kept"));
        store.pages.write([{ key: "a", bytes: new Uint8Array([1]) }]);
        expect(() =>
          store.transaction(() => {
            store.journal.write(0, row(2, "lost"));
            store.journal.write(1, row(2, "lost"));
            store.pages.write([
              { key: "a", bytes: null },
              { key: "b", bytes: new Uint8Array([2]) },
            ]);
            store.parts.write([{ hourMs: 0, part: part("lost") }]);
            throw new Error("no");
          }),
        ).toThrow("no");
        expect([...store.journal.scan()]).toEqual([{ slot: 0, lsn: 1, length: 4 }]);
        expect(store.pages.all()).toEqual([{ key: "a", bytes: new Uint8Array([1]) }]);
        expect(store.parts.between(0, 1, 10)).toEqual([]);
        expect(store.transaction(() => store.journal.read(0).text)).toBe("kept");
      }));

    test("has one alarm, the one set last", () =>
      use(async (store) => {
        expect(await store.alarmMs()).toBeNull();
        await store.setAlarm(4_000_000_000_000);
        await store.setAlarm(4_000_000_000_001);
        expect(await store.alarmMs()).toBe(4_000_000_000_001);
      }));
  });
}

function row(lsn: number, text: string): JournalRow {
  return { lsn, piece: 0, pieces: 1, checksum: 42, text };
}

function part(key: string): LakePart {
  return {
    key,
    hour: "1970-01-01T00:00:00.000Z",
    rows: 1,
    bytes: 2,
    sha256: "00",
    firstLsn: 1,
    lastLsn: 1,
  };
}

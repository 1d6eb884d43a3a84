import { describe, expect, test } from "vitest";
import type { RejectCode } from "../event/reject.ts";
import { MemoryDisk } from "../shard/memory-disk.ts";
import { batchOf, OneShard } from "../shard/one-shard.ts";
import { DAY_MS } from "../stream/pane.ts";
import { parseQuarantineId } from "./id.ts";
import { Quarantine, type QuarantineQuery } from "./quarantine.ts";
import { isSurplus, QUARANTINE_LIMITS } from "./retention.ts";
import { QUARANTINE_ROW_LENGTH_MAX, rowsOf } from "./row.ts";

const NOW_MS = 1_790_000_000_000;

interface Sent {
  codes?: RejectCode[];
  payload?: string;
  receivedAtMs?: number;
  source?: string;
  visitor?: string;
  user?: string;
}

/** A batch of rejected events only. */
function rejected(stream: string, { codes = ["money_invalid"], payload = "{}", ...more }: Sent = {}) {
  const rejects = codes.map((code, seq) => ({ seq, code, pointer: `/events/${seq}/value`, payload }));
  return { ...batchOf(stream, [], more), count: codes.length, rejects };
}

/** A quarantine on a disk of its own, without a shard around it. */
function fresh(limits = QUARANTINE_LIMITS) {
  const store = new MemoryDisk().open();
  const quarantine = new Quarantine(store, limits);
  let lsn = 0;
  return {
    store,
    quarantine,
    append: (...batches: ReturnType<typeof rejected>[]) => {
      const decided = batches.map((batch) => ({ ...batch, duplicate: 0, refused: 0 }));
      store.transaction(() => quarantine.append({ lsn: ++lsn, batches: decided }));
    },
    ids: (query: Partial<QuarantineQuery> = {}) =>
      quarantine.page({ limit: 1_000, ...query }).rows.map(({ lsn, index }) => `${lsn}-${index}`),
    place: (id: string) => parseQuarantineId(`0-${id}`) as NonNullable<ReturnType<typeof parseQuarantineId>>,
  };
}

describe("the quarantine of a shard", () => {
  test("names each event by its record and its place in it, newest first", () => {
    const { append, ids } = fresh();
    append(rejected("a", { codes: ["money_invalid", "name_missing"] }), rejected("b"));
    append(rejected("c"));
    expect(ids()).toEqual(["2-0", "1-2", "1-1", "1-0"]);
  });

  test("finds what it has by name, also in a record that needs several rows", () => {
    const { append, quarantine, place, store } = fresh();
    const payload = JSON.stringify("x".repeat(8_000));
    append(
      rejected("a", { codes: Array(12).fill("name_missing"), payload }),
      rejected("b", { codes: Array(12).fill("money_invalid"), payload }),
    );
    expect([...store.quarantine.newest({ fromId: 0, toId: 1e15, limit: 99 })].length).toBeGreaterThan(2);
    const found = quarantine.find([place("1-23"), place("1-0"), place("1-24"), place("2-0"), place("1-12")]);
    expect(found.map((one) => one && [one.stream, one.reject.seq])).toEqual([
      ["b", 11],
      ["a", 0],
      undefined,
      undefined,
      ["b", 0],
    ]);
  });

  test("filters by code, source, session, state and time of receipt", () => {
    const { append, quarantine, ids, place } = fresh();
    append(rejected("a", { receivedAtMs: NOW_MS }), rejected("b", { receivedAtMs: NOW_MS, source: "till" }));
    append(rejected("c", { receivedAtMs: NOW_MS + 10, codes: ["name_missing"] }));
    quarantine.drop([place("1-0")], "test traffic", NOW_MS);
    expect(ids({ code: "name_missing" })).toEqual(["2-0"]);
    expect(ids({ source: "till" })).toEqual(["1-1"]);
    expect(ids({ session: "session of c" })).toEqual(["2-0"]);
    expect(ids({ state: "dropped" })).toEqual(["1-0"]);
    expect(ids({ state: "open" })).toEqual(["2-0", "1-1"]);
    expect(ids({ fromMs: NOW_MS + 1 })).toEqual(["2-0"]);
    expect(ids({ toMs: NOW_MS + 10 })).toEqual(["1-1", "1-0"]);
  });

  test("keeps what was dropped without its payload, and counts it by reason and code", () => {
    const { append, quarantine, place } = fresh();
    append(rejected("a", { codes: ["money_invalid", "name_missing"], payload: '{"name":"secret plan"}' }));
    const both = [place("1-0"), place("1-1")];
    expect(quarantine.drop(both, "test traffic", NOW_MS + 5)).toEqual(["dropped", "dropped"]);
    expect(quarantine.drop([...both, place("9-0")], "again", NOW_MS)).toEqual([
      "duplicate",
      "duplicate",
      "unknown",
    ]);
    const { rows, open, dropped } = quarantine.page({ limit: 9 });
    expect(open).toBe(0);
    expect(dropped).toEqual([
      { code: "money_invalid", reason: "test traffic", count: 1 },
      { code: "name_missing", reason: "test traffic", count: 1 },
    ]);
    expect(rows[0]?.reject).toMatchObject({
      payload: "",
      closed: { state: "dropped", atMs: NOW_MS + 5, reason: "test traffic" },
    });
    expect(JSON.stringify(rows)).not.toContain("secret");
  });

  test("counts by at most 64 reasons", () => {
    const { append, quarantine, place } = fresh();
    append(rejected("a", { codes: Array(100).fill("name_missing") }));
    for (let at = 0; at < 100; at++) quarantine.drop([place(`1-${at}`)], `reason ${at}`, NOW_MS);
    const { dropped } = quarantine.counts;
    expect(dropped).toHaveLength(65);
    expect(dropped.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(dropped.at(-1)).toEqual({ code: "name_missing", reason: "other", count: 36 });
  });

  test("does not drop what is being replayed", async () => {
    const { append, quarantine, place } = fresh();
    append(rejected("a"));
    await quarantine.whileReplaying(place("1-0"), async () => {
      expect(quarantine.drop([place("1-0")], "no", NOW_MS)).toEqual(["busy"]);
    });
    expect(quarantine.drop([place("1-0")], "no", NOW_MS)).toEqual(["dropped"]);
  });

  test("erases by visitor, user or session, whatever became of the events", () => {
    const { append, quarantine, ids, place, store } = fresh();
    append(
      rejected("a", { visitor: "v1", user: "u1" }),
      rejected("b", { visitor: "v2", user: "u1" }),
      rejected("c", { visitor: "v1" }),
    );
    append(rejected("d", { visitor: "v1" }));
    quarantine.drop([place("2-0")], "test", NOW_MS);
    expect(quarantine.erase({ visitor: "v1" })).toBe(3);
    expect(ids()).toEqual(["1-1"]);
    expect(quarantine.erase({ visitor: "v1" })).toBe(0);
    append(rejected("e", { user: "u1" }));
    // The name of an erased event is not given again.
    expect(ids()).toEqual(["3-0", "1-1"]);
    expect(quarantine.erase({ user: "u1" })).toBe(2);
    expect(quarantine.counts).toMatchObject({ open: 0, erased: 5 });
    expect([...store.quarantine.newest({ fromId: 0, toId: 1e15, limit: 9 })]).toEqual([]);
    append(rejected("f"));
    expect(quarantine.erase({ session: "session of f" })).toBe(1);
  });

  test("lets the oldest go when there are too many, and says what nobody had looked at", () => {
    const { append, quarantine, ids, place } = fresh({ eventsMax: 5, ageMaxMs: DAY_MS });
    append(rejected("a", { codes: ["name_missing", "money_invalid"] }));
    append(rejected("b", { codes: ["money_invalid", "money_invalid"] }));
    quarantine.drop([place("1-0")], "known", NOW_MS);
    append(rejected("c"));
    expect(quarantine.counts.evicted).toEqual({});
    append(rejected("d"));
    expect(ids()).toEqual(["4-0", "3-0", "2-1", "2-0"]);
    expect(quarantine.counts).toMatchObject({ open: 4, evicted: { money_invalid: 1 } });
  });

  test("lets go what is too old, when something new comes and by itself", () => {
    const { append, quarantine, ids } = fresh({ eventsMax: 99, ageMaxMs: DAY_MS });
    append(rejected("a", { receivedAtMs: NOW_MS }));
    append(rejected("b", { receivedAtMs: NOW_MS + DAY_MS }));
    expect(ids()).toEqual(["2-0", "1-0"]);
    append(rejected("c", { receivedAtMs: NOW_MS + DAY_MS + 1 }));
    expect(ids()).toEqual(["3-0", "2-0"]);
    expect(quarantine.dueMs).toBe(NOW_MS + 2 * DAY_MS + 1);
    expect(quarantine.retain(NOW_MS + 2 * DAY_MS)).toBe(0);
    expect(quarantine.retain(NOW_MS + 2 * DAY_MS + 1)).toBe(1);
    expect(quarantine.counts).toMatchObject({ open: 1, evicted: { money_invalid: 2 } });
  });

  test("knows after a restart what it knew before", () => {
    const { append, quarantine, place, store } = fresh();
    append(rejected("a", { codes: ["name_missing", "money_invalid"] }));
    quarantine.drop([place("1-0")], "test", NOW_MS);
    const again = new Quarantine(store);
    expect(again.page({ limit: 9 })).toEqual(quarantine.page({ limit: 9 }));
  });
});

test("an event is surplus for its age or for the number of all", () => {
  const limits = { eventsMax: 10, ageMaxMs: 100 };
  const at = (events: number, ageMs: number) =>
    isSurplus({ receivedAtMs: NOW_MS }, events, limits, NOW_MS + ageMs);
  expect([at(10, 100), at(11, 0), at(1, 101)]).toEqual([false, true, true]);
});

test("a row holds as much as it may, and an event that is longer is alone in its own", () => {
  const payload = (length: number) => JSON.stringify("x".repeat(length));
  const sizes = [10, 60_000, 8_000, QUARANTINE_ROW_LENGTH_MAX, 10, 10];
  const batch = rejected("a", { codes: sizes.map(() => "name_missing") });
  for (const [at, reject] of batch.rejects.entries()) reject.payload = payload(sizes[at] as number);
  const rows = rowsOf({ lsn: 7, batches: [{ ...batch, duplicate: 0, refused: 0 }] });
  expect(rows.map(({ id, events }) => [id - 7 * 65_536, events])).toEqual([
    [0, 2],
    [1, 1],
    [2, 1],
    [3, 2],
  ]);
  for (const { events, text } of rows)
    if (events > 1) expect(text.length).toBeLessThanOrEqual(QUARANTINE_ROW_LENGTH_MAX + 1_024);
});

test("a shard wakes up to let go what has grown too old", async () => {
  let nowMs = NOW_MS;
  const one = new OneShard({ nowMs: () => nowMs });
  await one.take(rejected("a", { receivedAtMs: NOW_MS }));
  await one.shard.flush();
  one.disk.takeAlarm();
  await one.shard.alarm();
  nowMs += QUARANTINE_LIMITS.ageMaxMs + 1;
  one.restart();
  await Promise.resolve();
  expect(one.disk.alarmMs).toBe(nowMs);
  one.disk.takeAlarm();
  await one.shard.alarm();
  expect(one.shard.quarantine.counts).toMatchObject({ open: 0, evicted: { money_invalid: 1 } });
});

test("the journal does not keep a second copy of what was rejected", async () => {
  const one = new OneShard();
  await one.take(rejected("a", { payload: '{"name":"only once"}' }));
  const store = one.disk.open();
  const journal = [...store.journal.scan()].map(({ slot }) => store.journal.read(slot).text);
  expect(journal.join()).not.toContain("only once");
  expect(journal.join()).toContain("money_invalid");
});

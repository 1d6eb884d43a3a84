import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";
import { batchOf, OneShard } from "./one-shard.ts";
import type { ShardLedger } from "./shard-ledger.ts";

const NOW_MS = 1_790_000_000_000;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
let made = 0;

function pageViews(count: number, source = "web", receivedAtMs = NOW_MS) {
  const events = Array.from({ length: count }, () => ({ name: "page_view" }));
  return batchOf(`s${made++}`, events, { source, receivedAtMs });
}

/** Accepted and waiting for the lake, by source; fails when the ledger is not balanced. */
async function pending(one: OneShard): Promise<Record<string, [accepted: number, pendingLake: number]>> {
  const ledger: ShardLedger = await one.shard.ledger(EVERYTHING);
  expect(ledger.unbalanced).toBe(0);
  expect(ledger.acceptedByWindows).toBe(ledger.acceptedByLedger);
  expect(ledger.pendingLake).toBe(ledger.totals.pendingLake);
  return Object.fromEntries(
    ledger.rows.map(({ source, accepted, pendingLake }) => [source, [accepted, pendingLake]]),
  );
}

describe("the ledger of a shard on its disk", () => {
  test("says of each source what is in the lake, whatever crashes", async () => {
    const one = new OneShard({}, { flushLength: 300 });
    await one.take(pageViews(3));
    await one.take(pageViews(2, "till"));
    expect(await pending(one)).toEqual({ web: [3, 3], till: [2, 2] });
    await one.shard.flush();
    expect(await pending(one)).toEqual({ web: [3, 0], till: [2, 0] });
    await one.take(pageViews(4, "till"));
    one.restart();
    expect(await pending(one)).toEqual({ web: [3, 0], till: [6, 4] });
    await one.shard.flush();
    one.restart(0);
    expect(await pending(one)).toEqual({ web: [3, 0], till: [6, 4] });
    await one.shard.flush();
    one.restart();
    expect(await pending(one)).toEqual({ web: [3, 0], till: [6, 0] });
  });

  test("keeps what is in the lake of many days, the newest with the position and the others on pages", async () => {
    const one = new OneShard();
    for (let daysAgo = 4; daysAgo >= 0; daysAgo--) {
      await one.take(pageViews(1, `day-${daysAgo}`, NOW_MS - daysAgo * DAY_MS));
      await one.shard.flush();
    }
    const store = one.disk.open();
    const keys = store.pages.all().map(({ key }) => key);
    expect(keys.filter((key) => key.startsWith("lake-ledger/"))).toHaveLength(3);
    one.restart();
    const rows = await pending(one);
    expect(Object.values(rows)).toEqual(Array(5).fill([1, 0]));
    // A batch that comes late to a day that has left the position.
    await one.take(pageViews(2, "day-4", NOW_MS - 4 * DAY_MS));
    await one.shard.flush();
    one.restart();
    expect((await pending(one))["day-4"]).toEqual([3, 0]);
  });

  test("counts the lake of an earlier version from what was accepted and what the journal still has", async () => {
    const one = new OneShard();
    await one.take(pageViews(3));
    await one.take(pageViews(2, "till"));
    await one.shard.flush();
    await one.take(pageViews(4, "till"));
    const { pages } = one.disk.open();
    const state = JSON.parse(new TextDecoder().decode(pages.read("lake")));
    delete state.ledgerDays;
    pages.write([{ key: "lake", bytes: new TextEncoder().encode(JSON.stringify(state)) }]);
    for (let times = 0; times < 2; times++) {
      one.shard = new OneShard({}, {}, one.disk).shard;
      expect(await pending(one)).toEqual({ web: [3, 0], till: [6, 4] });
    }
    await one.shard.flush();
    one.restart();
    expect(await pending(one)).toEqual({ web: [3, 0], till: [6, 0] });
  });

  test("a flush whose end cannot be written counts once when it is tried again", async () => {
    const one = new OneShard();
    await one.take(pageViews(3));
    let fails = 1;
    one.throughStore = (store) => ({
      ...store,
      transaction: (run) =>
        store.transaction(() => {
          const done = run();
          if (fails-- > 0) throw new Error("disk full");
          return done;
        }),
    });
    one.restart();
    await expect(one.shard.flush()).rejects.toThrow("disk full");
    expect(await pending(one)).toEqual({ web: [3, 3] });
    await one.shard.flush();
    expect(await pending(one)).toEqual({ web: [3, 0] });
    one.restart();
    expect(await pending(one)).toEqual({ web: [3, 0] });
  });

  test("gives up old days and still knows how many events were ever accepted", async () => {
    const one = new OneShard({}, { checkpointCommits: 1, checkpointLength: 0 });
    await one.take(pageViews(3, "web", NOW_MS - 40 * DAY_MS));
    await one.take(pageViews(2));
    await one.shard.flush();
    one.shard.dropLedgerBefore(NOW_MS - 30 * DAY_MS);
    for (const later of [
      async () => {},
      // The lake's part is on disk, the other is not: its next checkpoint never came.
      async () => one.restart(),
      async () => one.shard.dropLedgerBefore(NOW_MS - 30 * DAY_MS),
      async () => void (await one.take(pageViews(1, "web", NOW_MS + HOUR_MS))),
      async () => one.restart(),
      async () => void (await one.shard.flush()),
      async () => one.restart(),
    ]) {
      await later();
      const ledger = await one.shard.ledger(EVERYTHING);
      expect([ledger.unbalanced, ledger.pendingLake]).toEqual([0, ledger.totals.pendingLake]);
      expect(ledger.acceptedByLedger).toBe(ledger.acceptedByWindows);
    }
    expect(Object.values(await pending(one))).toEqual([[1, 0]]);
  });
});

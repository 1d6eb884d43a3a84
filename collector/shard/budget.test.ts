import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUDGET_PARTS, type Budget } from "../event/budget.ts";
import type { Page } from "../store/page.ts";
import {
  budgetRefusal,
  countUsage,
  type DayUsage,
  emptyUsage,
  exhaustedParts,
  shareOf,
  usageAt,
} from "./budget.ts";
import type { JournalBatch } from "./journal.ts";
import { Shard } from "./shard.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 22, 12);
const BUDGET: Budget = { events: 100, batches: 10, spreadHours: 5 };

/** A batch of events of these names, an hour apart where `apart`. */
function batch(names: string[], more: Partial<JournalBatch> & { apart?: boolean } = {}): JournalBatch {
  const { apart = false, ...rest } = more;
  return {
    site: "shop",
    source: "web",
    session: "s",
    stream: "st",
    seq: 0,
    count: names.length,
    visitor: "v",
    receivedAtMs: NOON_MS,
    events: names.map((name, seq) => ({
      seq,
      name,
      occurredAtMs: NOON_MS - (apart ? seq * HOUR_MS : 0),
      isPageView: false,
    })),
    rejects: [],
    duplicate: 0,
    refused: 0,
    ...rest,
  };
}

const views = (count: number): string[] => Array(count).fill("view_item");

function usageOf(...batches: JournalBatch[]): DayUsage {
  const usage = emptyUsage();
  for (const one of batches) countUsage(usage, one);
  return usage;
}

describe("a day's usage", () => {
  it("counts new events, batches, and hours beyond two", () => {
    const reject = { seq: 5, code: "name_missing", pointer: "/events/5/name", payload: "{}" } as const;
    const usage = usageOf(
      batch(views(5), { rejects: [reject] }),
      batch(views(4), { apart: true }),
      batch([], { count: 20, duplicate: 20 }),
    );
    expect(usage).toMatchObject({ events: 10, batches: 3, spreadHours: 2 });
  });

  it("is in the state that a checkpoint saves, and in what the journal gives back", () => {
    const first = batch(views(5));
    const second = batch(views(4), { stream: "st-2", apart: true });
    const open = (pages: Page[]) =>
      new Shard(pages, (key) => pages.find((page) => page.key === key)?.bytes ?? undefined);
    const shard = open([]);
    shard.fold(first, 1);
    const saved = shard.takeDirtyPages().sort((a, b) => (a.key < b.key ? -1 : 1));
    shard.fold(second, 2);
    const recovered = open(saved);
    expect(recovered.usage).toMatchObject({ events: 5, batches: 1 });
    recovered.fold(second, 2);
    expect(recovered.usage).toEqual(shard.usage);
    expect(recovered.usage).toMatchObject({ events: 9, batches: 2, spreadHours: 2 });
  });

  it("begins anew with the next day of receipt, and not again when the clock jumps back", () => {
    const usage = usageOf(
      batch(views(5)),
      batch(views(3), { receivedAtMs: NOON_MS + DAY_MS }),
      batch(views(2)),
    );
    expect(usage).toMatchObject({ events: 5, batches: 2, dayMs: Date.UTC(2026, 10, 23) });
    expect(usageAt(usage, NOON_MS + DAY_MS)).toMatchObject({ events: 5 });
    expect(usageAt(usage, NOON_MS + 2 * DAY_MS)).toMatchObject({ events: 0, batches: 0 });
  });
});

describe("a batch over the budget", () => {
  const refused = (usage: DayUsage, one: JournalBatch) => budgetRefusal(usage, one, BUDGET, 0)?.exhausted;

  it.each([
    ["events", usageOf(batch(views(99))), usageOf(batch(views(100)))],
    ["batches", usageOf(...Array(9).fill(batch([]))), usageOf(...Array(10).fill(batch([])))],
  ])("is refused from the last of its %s on", (part, before, after) => {
    expect(refused(before, batch(views(1)))).toBeUndefined();
    expect(refused(after, batch(views(1)))).toBe(part);
  });

  it("is refused for far hours only when it touches some", () => {
    const usage = usageOf(batch(views(7), { apart: true }));
    expect(usage.spreadHours).toBe(5);
    expect(refused(usage, batch(views(3), { apart: true }))).toBe("spreadHours");
    expect(refused(usage, batch(views(2), { apart: true }))).toBeUndefined();
  });

  it("passes with an order, up to a tenth more", () => {
    const order = batch(["view_item", "purchase"]);
    const refund = batch(["refund"]);
    const used = usageOf(batch(views(100)));
    for (const one of [order, refund]) expect(refused(used, one)).toBeUndefined();
    for (let n = 0; n < 4; n++) countUsage(used, order);
    expect(used.events).toBe(108);
    expect(refused(used, order)).toBeUndefined();
    countUsage(used, order);
    expect(refused(used, order)).toBe("events");
  });

  it("may come again when the day is over, or in an hour to look again", () => {
    const over = (receivedAtMs: number, random = 0) =>
      budgetRefusal(
        usageOf(batch(views(100), { receivedAtMs })),
        batch([], { receivedAtMs }),
        BUDGET,
        random,
      );
    const MIDNIGHT_MS = Date.UTC(2026, 10, 23);
    expect(over(NOON_MS)?.retryAfterMs).toBe(HOUR_MS);
    expect(over(MIDNIGHT_MS - 90_000)?.retryAfterMs).toBe(90_000);
    expect(over(MIDNIGHT_MS - 90_000, 0.5)?.retryAfterMs).toBe(120_000);
    const yesterday = usageOf(batch(views(100), { receivedAtMs: MIDNIGHT_MS - 1 }));
    expect(budgetRefusal(yesterday, batch([], { receivedAtMs: MIDNIGHT_MS }), BUDGET, 0)).toBeUndefined();
  });
});

it("whatever comes, a day never uses more than its budget, the reserve and one batch", () => {
  const arbitraryBatch = fc.record({
    count: fc.integer({ min: 0, max: 30 }),
    isOrder: fc.boolean(),
    apart: fc.boolean(),
    at: fc.integer({ min: 0, max: DAY_MS / 2 - 1 }),
  });
  fc.assert(
    fc.property(fc.array(arbitraryBatch, { maxLength: 60 }), (all) => {
      const usage = emptyUsage();
      for (const { count, isOrder, apart, at } of all) {
        const names = isOrder && count > 0 ? ["purchase", ...views(count - 1)] : views(count);
        const one = batch(names, { apart, receivedAtMs: NOON_MS + at });
        if (!budgetRefusal(usage, one, BUDGET, 0)) countUsage(usage, one);
      }
      expect(usage.events).toBeLessThan(BUDGET.events * 1.1 + 30);
      expect(usage.batches).toBeLessThanOrEqual(BUDGET.batches * 1.1);
      expect(usage.spreadHours).toBeLessThanOrEqual(BUDGET.spreadHours + 1);
    }),
  );
});

it("a site's budget is divided over its shards without losing any of it", () => {
  for (const shards of [1, 3, 64]) {
    const share = shareOf(BUDGET, shards);
    for (const part of BUDGET_PARTS) expect(share[part] * shards).toBeGreaterThanOrEqual(BUDGET[part]);
  }
  expect(exhaustedParts({ events: 100, batches: 9, spreadHours: 7 }, BUDGET)).toEqual([
    "events",
    "spreadHours",
  ]);
});

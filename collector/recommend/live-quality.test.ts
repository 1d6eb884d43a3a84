import { describe, expect, test } from "vitest";
import { seeded } from "../../scripts/shopper/seeded.ts";
import { qualityOf } from "../rollup/quality-report.ts";
import { emptyQuality, LiveQuality, QUALITY_HOURS_MAX, TESTED_LIST } from "./live-quality.ts";
import { type Click, SessionModel } from "./session-model.ts";

const HOUR_MS = 3_600_000;
const START_MS = 500_000 * HOUR_MS;
const EVER = [0, Number.POSITIVE_INFINITY] as const;

/** Sessions that walk along a shelf, with a cart and a purchase now and then. */
function clicksOf(count: number, seed: number): Click[] {
  const random = seeded(seed);
  const at = new Map<string, number>();
  return Array.from({ length: count }, (_, n) => {
    const session = `session ${Math.floor(random() * 60) + Math.floor(n / 400) * 60}`;
    const item = random() < 0.2 ? Math.floor(random() * 300) : ((at.get(session) ?? 0) + 1) % 300;
    at.set(session, item);
    const chance = random();
    const kind = chance < 0.05 ? "buy" : chance < 0.15 ? "cart" : "view";
    return { session, itemId: `item ${item}`, kind, occurredAtMs: START_MS + n * 4000 };
  });
}

describe("live quality", () => {
  test("is what the lists asked for just before each tested click come to", () => {
    const model = new SessionModel();
    const newestMs = new Map<string, number>();
    const naive = { tested: 0, hits: 0, reciprocal: 0, servedTested: 0, servedHits: 0, clicks: 0 };
    const tested = (): number => qualityOf(model.quality.between(...EVER), ...EVER).totals.tested;
    for (const click of clicksOf(1_200, 1)) {
      const { session, itemId, kind, occurredAtMs } = click;
      const nowMs = newestMs.get(session) ?? 0;
      const ask = (unfiltered: boolean): string[] =>
        model.recommend({ session, limit: TESTED_LIST, nowMs, unfiltered }).map(({ id }) => id);
      const [list, served] = [ask(true), ask(false)];
      const looked = model.recommend({ session, limit: 100, nowMs }).map(({ id }) => id);
      const before = tested();
      const isKnown = newestMs.has(session);
      model.learn(click);
      if (isKnown && kind === "view") naive.clicks++;
      newestMs.set(session, occurredAtMs);
      if (tested() === before) continue;
      naive.tested++;
      const place = list.indexOf(itemId) + 1;
      if (place > 0) naive.hits++;
      if (place > 0) naive.reciprocal += 1 / place;
      // What is never shown is no test of what is shown.
      if (place > 0 && !looked.includes(itemId)) continue;
      if (served.includes(itemId)) naive.servedHits++;
    }
    const { totals } = qualityOf(model.quality.between(...EVER), ...EVER);
    expect(naive.tested).toBeGreaterThan(100);
    expect(naive.hits).toBeGreaterThan(40);
    expect(totals).toMatchObject({
      clicks: naive.clicks,
      tested: naive.tested,
      hr20: Number((naive.hits / naive.tested).toFixed(4)),
      mrr20: Number((naive.reciprocal / naive.tested).toFixed(4)),
    });
    expect(Math.round(totals.served.hr20 * totals.served.tested)).toBe(naive.servedHits);
    // Of a new shop nearly every view that followed another click is tested, of an old one a quarter.
    expect(totals.testedShare).toBeGreaterThan(0.9);
    expect(totals.hr20StandardError).toBeCloseTo(
      Math.sqrt((totals.hr20 * (1 - totals.hr20)) / totals.tested),
      3,
    );
    expect(totals.itemsKnown).toBeGreaterThan(200);
    expect(totals.coverage).toBeGreaterThan(0.7);
    expect(totals.popularityBias).toBeGreaterThan(0);
    expect(totals.popularityBias).toBeLessThan(1);
  });

  test("is merged over shards and hours, by whole hours of a range", () => {
    const shards = [new SessionModel(), new SessionModel()];
    for (const click of clicksOf(2_000, 2))
      shards[click.session.length % 2]?.learn({ ...click, occurredAtMs: click.occurredAtMs + HOUR_MS });
    const found = shards.flatMap((model) => model.quality.between(...EVER));
    const all = qualityOf(found, ...EVER);
    expect(all.hours).toHaveLength(3);
    for (const name of ["clicks", "tested"] as const)
      expect(all.hours.reduce((sum, hour) => sum + hour[name], 0)).toBe(all.totals[name]);
    const second = qualityOf(found, START_MS + 2 * HOUR_MS, START_MS + 2 * HOUR_MS + 1);
    expect(second.hours).toEqual(all.hours.slice(1, 2));
  });

  test("counts distinct items to about 6.5 %, the same ones once", () => {
    for (const count of [10, 200, 3_000, 50_000]) {
      const quality = new LiveQuality();
      const itemIds = Array.from({ length: count }, (_, at) => `item-${at}`);
      const rehearsal = { place: 1, servedPlace: 1, popularity: 0.1, itemIds };
      quality.test(START_MS, 1_000_000, rehearsal);
      quality.test(START_MS, 1_000_000, rehearsal);
      const { itemsListed } = qualityOf(quality.between(...EVER), ...EVER).totals;
      expect(Math.abs(itemsListed - count)).toBeLessThan(3 * 0.065 * count + 2);
    }
  });

  test("remembers the newest hours only", () => {
    const quality = new LiveQuality();
    for (let hour = 0; hour < QUALITY_HOURS_MAX + 10; hour++) quality.count(START_MS + hour * HOUR_MS);
    quality.count(START_MS);
    const kept = quality.between(...EVER);
    expect(kept).toHaveLength(QUALITY_HOURS_MAX);
    expect(kept[0]?.startMs).toBe(START_MS + 10 * HOUR_MS);
  });

  test("of nothing is nothing", () => {
    expect(qualityOf([emptyQuality(0)], ...EVER).totals).toMatchObject({
      tested: 0,
      hr20: 0,
      mrr20StandardError: 0,
    });
  });
});

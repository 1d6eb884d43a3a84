import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGE_BYTES_MAX, type Page } from "../store/page.ts";
import type { ModelLimits } from "./limits.ts";
import { type Click, SessionModel } from "./session-model.ts";

const FROM_MS = 1_700_000_000_000;

/** Storage as a shard has it: one row per key. */
function pageStore() {
  const rows = new Map<string, Uint8Array>();
  return {
    save(pages: Page[]) {
      for (const { key, bytes } of pages) {
        expect(key.startsWith("recs/")).toBe(true);
        expect(bytes?.length ?? 0).toBeLessThanOrEqual(PAGE_BYTES_MAX);
        if (bytes === null) rows.delete(key);
        else rows.set(key, bytes);
      }
    },
    pages: (): Page[] => [...rows].map(([key, bytes]) => ({ key, bytes })),
    size: () => rows.size,
  };
}

const anyClick: fc.Arbitrary<Click> = fc.record({
  session: fc.integer({ min: 0, max: 30 }).map((n) => `session ${n}`),
  itemId: fc.integer({ min: 0, max: 25 }).map((n) => `item ${n}`),
  kind: fc.constantFrom("view", "view", "cart", "buy"),
  occurredAtMs: fc.integer({ min: FROM_MS, max: FROM_MS + 40 * 24 * 3_600_000 }),
  item: fc.option(fc.record({ name: fc.string(), priceMinor: fc.nat(), currency: fc.constant("EUR") }), {
    nil: undefined,
  }),
});

/** So small that every ring goes round and every table overflows within a few clicks. */
const tinyLimits: fc.Arbitrary<Partial<ModelLimits>> = fc.record({
  items: fc.integer({ min: 1, max: 30 }),
  clicks: fc.integer({ min: 1, max: 200 }),
  sessions: fc.integer({ min: 1, max: 40 }),
  factUnits: fc.integer({ min: 1, max: 400 }),
  neighbours: fc.integer({ min: 1, max: 10 }),
  clicksPerItem: fc.integer({ min: 1, max: 20 }),
  sessionClicks: fc.integer({ min: 1, max: 10 }),
  contextItems: fc.integer({ min: 1, max: 8 }),
});

/** Every answer that could differ: each session, each item, both, and none. */
function answers(model: SessionModel): unknown {
  const nowMs = FROM_MS + 41 * 24 * 3_600_000;
  const quality = model.quality.between(0, Number.POSITIVE_INFINITY);
  const lists: unknown[] = [model.recommend({ limit: 30, nowMs }), model.counts, quality];
  for (let n = 0; n <= 30; n++) {
    lists.push(model.recommend({ session: `session ${n}`, limit: 12, nowMs }));
    lists.push(model.recommend({ itemId: `item ${n}`, limit: 12, nowMs }));
    lists.push(
      model.recommend({ session: `session ${n}`, recent: [`item ${n}`, "item 3"], limit: 12, nowMs }),
    );
  }
  return lists;
}

describe("restart", () => {
  test("the last checkpoint and a replay of what came later answer exactly as the model that lived on", () => {
    const cuts = fc.array(fc.nat(250), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(anyClick, { maxLength: 250 }),
        cuts,
        fc.nat(250),
        tinyLimits,
        (clicks, at, crash, limits) => {
          const live = new SessionModel(limits);
          const store = pageStore();
          let checkpoint = 0;
          clicks.forEach((click, i) => {
            if (at.includes(i) && i <= crash) {
              store.save(live.takeDirtyPages());
              checkpoint = i;
            }
            live.learn(click);
          });
          const restored = SessionModel.load(store.pages(), limits);
          for (const click of clicks.slice(checkpoint)) restored.learn(click);
          expect(answers(restored)).toEqual(answers(live));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("after a restart the same items give way to new ones", () => {
    const limits = { items: 24 };
    const click = (i: number): Click => ({
      session: `session ${i % 31}`,
      itemId: `item ${(i * 7919) % 97}`,
      kind: "view",
      occurredAtMs: FROM_MS + i * 60_000,
    });
    // Asked after each click: an eviction that went wrong is forgotten again a few evictions later.
    const trending = (model: SessionModel) => model.recommend({ limit: 30, nowMs: FROM_MS });
    for (let cut = 50; cut < 90; cut++) {
      const live = new SessionModel(limits);
      for (let i = 0; i < cut; i++) live.learn(click(i));
      const restored = SessionModel.load(live.takeDirtyPages(), limits);
      for (let i = cut; i < cut + 20; i++) {
        live.learn(click(i));
        restored.learn(click(i));
        expect(trending(restored)).toEqual(trending(live));
      }
    }
  });

  test("a restored model checkpoints into the same pages and restores again", () => {
    fc.assert(
      fc.property(fc.array(anyClick, { minLength: 1, maxLength: 200 }), tinyLimits, (clicks, limits) => {
        const store = pageStore();
        let model = new SessionModel(limits);
        const unbroken = new SessionModel(limits);
        clicks.forEach((click, i) => {
          model.learn(click);
          unbroken.learn(click);
          if (i % 37 !== 0) return;
          store.save(model.takeDirtyPages());
          model = SessionModel.load(store.pages(), limits);
        });
        expect(answers(model)).toEqual(answers(unbroken));
      }),
      { numRuns: 60 },
    );
  });

  test("asking does not change what is answered later", () => {
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 120 }), tinyLimits, (clicks, limits) => {
        const asked = new SessionModel(limits);
        const quiet = new SessionModel(limits);
        for (const click of clicks) {
          asked.learn(click);
          quiet.learn(click);
          asked.recommend({ session: click.session, limit: 5, nowMs: FROM_MS });
        }
        expect(answers(asked)).toEqual(answers(quiet));
      }),
      { numRuns: 40 },
    );
  });

  test("pages of other limits are taken over as far as they fit", () => {
    const model = new SessionModel({ sessions: 64, clicks: 512, items: 40 });
    for (let i = 0; i < 2000; i++) {
      const itemId = `item ${i % 26}`;
      model.learn({ session: `session ${i >> 2}`, itemId, kind: "view", occurredAtMs: FROM_MS + i * 1000 });
    }
    const pages = model.takeDirtyPages();
    const wider = SessionModel.load(pages, { sessions: 4096, clicks: 8192, items: 1000 });
    expect(answers(wider)).toEqual(answers(model));
    const narrower = SessionModel.load(pages, { sessions: 8, clicks: 16, items: 5 });
    const list = narrower.recommend({ session: "session 499", limit: 20, nowMs: FROM_MS });
    expect(list.length).toBeGreaterThan(0);
    expect(narrower.counts.itemsEvicted).toBe(21);
  });

  test("damaged pages throw instead of answering wrongly", () => {
    const model = new SessionModel();
    for (let i = 0; i < 100; i++) {
      model.learn({ session: `s${i % 9}`, itemId: `i${i % 7}`, kind: "view", occurredAtMs: FROM_MS });
    }
    const pages = model.takeDirtyPages();
    const cut = pages.map(({ key, bytes }) => ({ key, bytes: bytes?.slice(0, -1) ?? null }));
    expect(() => SessionModel.load(cut)).toThrow();
    const foreign = pages.map(({ key, bytes }) =>
      key === "recs/meta" ? { key, bytes: new Uint8Array([99]) } : { key, bytes },
    );
    expect(() => SessionModel.load(foreign)).toThrow(/format 99/);
  });
});

describe("bounds", () => {
  const tiny = { items: 64, clicks: 1024, sessions: 256, factUnits: 2000, clicksPerItem: 50, neighbours: 10 };

  test("a hundred thousand random items leave a model of tiny size, lists sound, few pages dirty", () => {
    const model = new SessionModel(tiny);
    const store = pageStore();
    let state = 12_345;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let i = 0; i < 100_000; i++) {
      const itemId = random(4) === 0 ? `hot ${random(20)}` : `item ${random(100_000)}`;
      const session = `session ${Math.floor(i / 5) - random(30)}`;
      model.learn({ session, itemId, kind: "view", occurredAtMs: FROM_MS + i * 700, item: { name: itemId } });
      if (i % 50 === 0) {
        const limit = 1 + random(30);
        const list = model.recommend({
          session,
          recent: [`hot ${random(20)}`],
          limit,
          nowMs: FROM_MS + i * 700,
        });
        const ids = list.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(list.length).toBeLessThanOrEqual(limit);
        expect(list.every(({ score }) => Number.isFinite(score) && score >= 0)).toBe(true);
        expect(list.map(({ score }) => score).sort((a, b) => b - a)).toEqual(list.map(({ score }) => score));
      }
      if (i % 1280 === 0) {
        const dirty = model.takeDirtyPages();
        expect(dirty.length).toBeLessThanOrEqual(8);
        store.save(dirty);
      }
    }
    store.save(model.takeDirtyPages());
    // Meta, heat and items one each; clicks and sessions at most two, since their window may lie over a seam.
    expect(store.size()).toBeLessThanOrEqual(7);
    expect(model.counts.itemsEvicted).toBeGreaterThan(50_000);
    const restored = SessionModel.load(store.pages(), tiny);
    const query = { recent: ["hot 1", "hot 2"], limit: 30, nowMs: FROM_MS };
    expect(restored.recommend(query)).toEqual(model.recommend(query));
  });

  test("nothing is dirty when nothing was learned", () => {
    const model = new SessionModel();
    expect(model.takeDirtyPages()).toEqual([]);
    model.learn({ session: "s", itemId: "i", kind: "view", occurredAtMs: FROM_MS });
    expect(model.takeDirtyPages().length).toBeGreaterThan(0);
    expect(model.takeDirtyPages()).toEqual([]);
  });

  test("the worst page of items still fits its row, and what has no room in it is counted", () => {
    const model = new SessionModel();
    const wide = (length: number, end: string) => ("日".repeat(length) + end).slice(-length);
    const items = Array.from({ length: 512 }, (_, n) => ({
      id: wide(128, `${n}`),
      name: wide(120, ""),
      url: wide(600, ""),
      image: wide(600, ""),
      category: wide(80, `c${n}`),
      brand: wide(80, `b${n}`),
      tags: Array.from({ length: 6 }, (_, tag) => wide(80, `${tag}-${n}`)),
      priceMinor: Number.MAX_SAFE_INTEGER,
      currency: "EUR",
      addedAtMs: FROM_MS,
      backInStockAtMs: FROM_MS,
    }));
    model.shop.hear(items, undefined, { epoch: "epoch", version: 1 });
    const pages = model.takeDirtyPages();
    const most = Math.max(...pages.map(({ bytes }) => bytes?.length ?? 0));
    expect(most).toBeGreaterThan(1_700_000);
    expect(most).toBeLessThanOrEqual(PAGE_BYTES_MAX);
    expect(model.counts.factsRefused).toBeGreaterThan(0);
    const restored = SessionModel.load(pages);
    for (const { id } of items) expect(restored.factsOf(id)).toEqual(model.factsOf(id));
  });
});

import { env } from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CATALOG_DELETED_KEEP_MS, CATALOG_LABELS_MAX, type CatalogItem } from "../event/catalog.ts";
import { Catalog } from "./catalog.ts";
import { type CatalogPatch, decodeItem } from "./decode-item.ts";
import { memoryStore } from "./memory-store.ts";
import { mergeItem } from "./merge-item.ts";

const NOW_MS = 1_790_000_000_000;
/** `CATALOG_ITEMS=100000 npx vitest run --project collector catalog/catalog` measures a large one. */
const ITEMS = Number(env.CATALOG_ITEMS ?? 10_000);
/** So small that a few calls fold and split. */
const TINY = { logSlots: 40, unfoldedRows: 7, pageUnits: 600 };

function patch(input: object): CatalogPatch {
  const read = decodeItem(input, NOW_MS);
  if (!read.ok) throw new Error(read.reason.code);
  return read.value;
}

/** All items, page by page, as a reader of `GET /v1/catalog` meets them. */
function allItems(catalog: Catalog): CatalogItem[] {
  const items: CatalogItem[] = [];
  for (let at: number | undefined = 0; at !== undefined; ) {
    const piece: { items: CatalogItem[]; next?: number } = catalog.range(at);
    items.push(...piece.items);
    at = piece.next;
  }
  return items;
}

const byId = (items: Iterable<CatalogItem>) =>
  new Map([...items].map((item): [string, CatalogItem] => [item.id, item]));

const anyPatch = fc
  .record(
    {
      id: fc.nat(60).map((n) => `item "${n}"\\`),
      name: fc.option(fc.string({ maxLength: 30 })),
      availability: fc.constantFrom("in_stock", "out_of_stock", null),
      hidden: fc.boolean(),
      tags: fc.array(fc.constantFrom("new", "sale", "eco"), { maxLength: 3 }),
      deleted: fc.boolean(),
    },
    { requiredKeys: ["id"] },
  )
  .map(patch);

describe("a catalogue", () => {
  test("holds what one patch after the other makes, over splits, folds and restarts", () => {
    const calls = fc.array(fc.array(anyPatch, { minLength: 1, maxLength: 12 }), { maxLength: 120 });
    fc.assert(
      fc.property(calls, fc.nat(40), (list, restartEvery) => {
        const store = memoryStore();
        let catalog = new Catalog(store, "first", TINY);
        const reference = new Map<string, CatalogItem>();
        list.forEach((patches, call) => {
          const { outcomes } = catalog.write(patches, NOW_MS + call);
          outcomes.forEach((outcome, at) => {
            const one = patches[at] as CatalogPatch;
            const after = mergeItem(reference.get(one.id), one, NOW_MS + call);
            expect(outcome === "item_deleted").toBe(after === undefined);
            if (after) reference.set(one.id, after);
          });
          if (call % (restartEvery + 1) === restartEvery) catalog = new Catalog(store, "another", TINY);
        });
        const items = allItems(catalog);
        expect(byId(items)).toEqual(reference);
        expect(items).toHaveLength(reference.size);
        expect(catalog.items).toBe(reference.size);
        for (const [id, item] of reference) expect(catalog.item(id)).toEqual(item);
        expect(catalog.item("never named")).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test("tells whoever heard of a version what changed since, or all there is", () => {
    const calls = fc.array(fc.array(anyPatch, { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 400,
    });
    fc.assert(
      fc.property(calls, fc.nat(400), (list, at) => {
        const catalog = new Catalog(memoryStore(), "first", { ...TINY, logSlots: 64, pageUnits: 2000 });
        let heard = { epoch: catalog.epoch, version: 0 };
        let copy = new Map<string, CatalogItem>();
        list.forEach((patches, call) => {
          if (call === Math.min(at, list.length - 1)) {
            heard = { epoch: catalog.epoch, version: catalog.version };
            copy = byId(allItems(catalog));
          }
          catalog.write(patches, NOW_MS + call);
        });
        let pulled = catalog.pull(heard);
        if (pulled.isWhole) copy.clear();
        for (;;) {
          for (const item of pulled.items) copy.set(item.id, item);
          if (pulled.next === undefined) break;
          pulled = catalog.pull(heard, pulled.next);
        }
        expect(copy).toEqual(byId(allItems(catalog)));
      }),
      { numRuns: 40 },
    );
  });

  test(`of ${ITEMS} items costs few rows, and a change of a hundred of them a handful`, () => {
    const store = memoryStore();
    const catalog = new Catalog(store, "first");
    for (let from = 0; from < ITEMS; from += 1000)
      catalog.write(
        Array.from({ length: 1000 }, (_, n) =>
          patch({
            id: `SKU-${from + n}`,
            name: `A lamp of oak and linen, number ${from + n}`,
            url: `https://shop.example/lamps/oak-and-linen-${from + n}`,
            image: `https://img.shop.example/lamps/${from + n}/large.jpg`,
            category: `Lamps ${from % 97}`,
            brand: `Brand ${n % 50}`,
            priceMinor: 1000 + n,
            currency: "EUR",
            availability: "in_stock",
          }),
        ),
        NOW_MS,
      );
    expect(catalog.items).toBe(ITEMS);
    console.log(`${ITEMS} items: ${store.rowsWritten} rows written`);
    expect(store.rowsWritten).toBeLessThan(60 + ITEMS / 50);
    const before = store.rowsWritten;
    for (let call = 0; call < 64; call++)
      catalog.write(
        Array.from({ length: 100 }, (_, n) =>
          patch({
            id: `SKU-${(call * 7919 + n * 104_729) % ITEMS}`,
            availability: call % 2 ? "in_stock" : "out_of_stock",
          }),
        ),
        NOW_MS,
      );
    const rows = (store.rowsWritten - before) / 64;
    console.log(`a call of 100 scattered items: ${rows.toFixed(1)} rows written`);
    expect(rows).toBeLessThan(16);
    for (const text of store.rows.values()) expect(text.length).toBeLessThan(600_000);
  });

  test("says nothing to shards when nothing changed, and once for an item that a call names twice", () => {
    const catalog = new Catalog(memoryStore(), "first");
    const first = catalog.write([patch({ id: "a", name: "A" }), patch({ id: "a", brand: "B" })], NOW_MS);
    expect(first.outcomes).toEqual([true, true]);
    expect(first.news.map(({ items }) => items)).toEqual([[{ id: "a", brand: "B", name: "A" }]]);
    expect(catalog.write([patch({ id: "a", name: "A" })], NOW_MS)).toEqual({ outcomes: [false], news: [] });
  });

  test("brings a deleted item back only when it is told to, and knows when stock came back", () => {
    const catalog = new Catalog(memoryStore(), "first");
    const write = (input: object, atMs = NOW_MS) => catalog.write([patch(input)], atMs).outcomes[0];
    write({ id: "a", name: "A", availability: "out_of_stock" });
    write({ id: "a", availability: "in_stock" }, NOW_MS + 5);
    expect(catalog.item("a")).toEqual({
      ...{ id: "a", name: "A", availability: "in_stock", backInStockAtMs: NOW_MS + 5 },
    });
    expect(write({ id: "a", deleted: true })).toBe(true);
    expect(write({ id: "a", availability: "in_stock" })).toBe("item_deleted");
    expect(catalog.item("a")).toEqual({ id: "a", deletedAtMs: NOW_MS });
    expect(write({ id: "a", deleted: false, name: "A2" })).toBe(true);
    expect(catalog.item("a")).toEqual({ id: "a", name: "A2" });
  });

  test("has room for so many labels, and takes items without new ones when it is full", () => {
    const catalog = new Catalog(memoryStore(), "first");
    const some = Array.from({ length: CATALOG_LABELS_MAX }, (_, n) =>
      patch({ id: `${n}`, category: `c${n}` }),
    );
    expect(new Set(catalog.write(some, NOW_MS).outcomes)).toEqual(new Set([true]));
    expect(catalog.write([patch({ id: "x", brand: "one more" })], NOW_MS).outcomes).toEqual(["labels_full"]);
    expect(catalog.write([patch({ id: "x", brand: "c7" })], NOW_MS).outcomes).toEqual([true]);
  });

  test("forgets what was deleted long ago", () => {
    const catalog = new Catalog(memoryStore(), "first");
    catalog.write([patch({ id: "gone", deleted: true }), patch({ id: "kept" })], NOW_MS);
    const later = NOW_MS + CATALOG_DELETED_KEEP_MS + 1;
    for (let call = 0; call < 80; call++) catalog.write([patch({ id: "kept", name: `${call}` })], later);
    expect(allItems(catalog).map(({ id }) => id)).toEqual(["kept"]);
    expect(catalog.items).toBe(1);
  });
});

describe("an item of a call", () => {
  test.each([
    [[], "", "item_invalid"],
    [{}, "/id", "item_id_missing"],
    [{ id: "a\nb" }, "/id", "id_invalid"],
    [{ id: "a", name: 5 }, "/name", "field_invalid"],
    [{ id: "a", url: "javascript:alert(1)" }, "/url", "field_invalid"],
    [{ id: "a", url: "java\nscript:alert(1)" }, "/url", "field_invalid"],
    [{ id: "a", image: `/${"x".repeat(700)}` }, "/image", "field_invalid"],
    [{ id: "a", priceMinor: 5 }, "/priceMinor", "currency_missing"],
    [{ id: "a", priceMinor: 5, currency: "XXX" }, "/priceMinor", "currency_unknown"],
    [{ id: "a", priceMinor: -5, currency: "EUR" }, "/priceMinor", "price_negative"],
    [{ id: "a", priceMinor: 0.5, currency: "EUR" }, "/priceMinor", "money_invalid"],
    [{ id: "a", currency: "EUR" }, "/currency", "field_invalid"],
    [{ id: "a", availability: "soon" }, "/availability", "field_invalid"],
    [{ id: "a", hidden: "yes" }, "/hidden", "field_invalid"],
    [{ id: "a", tags: ["1", "2", "3", "4", "5", "6", "7"] }, "/tags", "field_invalid"],
    [{ id: "a", addedAtMs: 5 }, "/addedAtMs", "field_invalid"],
    [{ id: "a", deleted: null }, "/deleted", "field_invalid"],
    [{ id: "a", colour: "red" }, "", "field_unknown"],
  ])("%j is refused at %s with %s", (input, pointer, code) => {
    expect(decodeItem(input, NOW_MS)).toEqual({ ok: false, reason: { pointer, code } });
  });

  test("is read with its money exact, its texts clean, and null for what it takes back", () => {
    const input = {
      id: 7,
      name: " A\u0000lamp ",
      price: "12.90",
      currency: "EUR",
      brand: null,
      tags: ["x", "x", ""],
    };
    expect(decodeItem(input, NOW_MS)).toEqual({
      ok: true,
      value: {
        id: "7",
        fields: { name: "A lamp", priceMinor: 1290, currency: "EUR", brand: null, tags: ["x"] },
      },
    });
  });
});

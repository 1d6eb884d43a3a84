import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamId } from "../event/batch.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import {
  BATCH_EVENTS_MAX,
  FIXES_MAX,
  ITEMS_MAX,
  PROPS_MAX,
  REJECT_PAYLOAD_LENGTH_MAX,
} from "../event/limits.ts";
import { type DecodeContext, decodeBatch } from "./decode.ts";

const NOW_MS = Date.UTC(2026, 10, 2, 7);
const AT: DecodeContext = { site: "shop", receivedAtMs: NOW_MS, derivedVisitor: "d.visitor" };
const ENVELOPE = { session: "s1", stream: "st1", seq: 7 };

function decode(
  events: unknown[],
  envelope: Record<string, unknown> = {},
  at: DecodeContext = AT,
): EventBatch {
  const result = decodeBatch({ ...ENVELOPE, events, ...envelope }, at);
  if (!result.ok) throw new Error(JSON.stringify(result.reason));
  return result.value;
}

function decodeOne(fields: Record<string, unknown>, envelope?: Record<string, unknown>): TidemarkEvent {
  const { events, rejects } = decode([{ name: "view_item", occurredAtMs: NOW_MS, ...fields }], envelope);
  if (!events[0]) throw new Error(JSON.stringify(rejects));
  return events[0];
}

function codeOf(fields: Record<string, unknown>): string | undefined {
  const { rejects } = decode([{ name: "view_item", occurredAtMs: NOW_MS, ...fields }]);
  return rejects[0] && `${rejects[0].code} ${rejects[0].pointer.replace("/events/0", "")}`;
}

/** Properties of whole batches take their time on a busy machine. */
const SLOW_MS = 30_000;

describe("decode is total", { timeout: SLOW_MS }, () => {
  const key = fc.oneof(
    fc.constantFrom(
      "name",
      "occurredAtMs",
      "items",
      "params",
      "props",
      "value",
      "currency",
      "price",
      "itemId",
      "item_id",
      "quantity",
      "transactionId",
      "url",
      "title",
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "length",
      "pageView",
    ),
    fc.string({ unit: "binary" }),
  );
  const scalar = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.constantFrom<unknown>(
      null,
      true,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0,
      1e308,
      "\ud800",
      "EUR",
      "purchase",
      NOW_MS,
      "12.90",
      "",
    ),
  );
  const { anything } = fc.letrec((tie) => ({
    anything: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      scalar,
      fc.array(tie("anything")),
      tie("object"),
    ),
    // Through JSON text, so that "__proto__" is an own key as it is after JSON.parse.
    object: fc.array(fc.tuple(key, tie("anything"))).map((entries) => {
      const object = {};
      for (const [name, value] of entries) {
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      }
      return object;
    }),
  }));

  it("for any value as a body", () => {
    fc.assert(fc.property(anything, (body) => typeof decodeBatch(body, AT).ok === "boolean"));
  });

  it("for any values as envelope", () => {
    const body = fc.record(
      Object.fromEntries(
        ["session", "stream", "seq", "events", "visitor", "user", "source", "context", "sentAtMs"].map(
          (name) => [name, anything],
        ),
      ),
      { requiredKeys: [] },
    );
    fc.assert(fc.property(body, (fields) => typeof decodeBatch(fields, AT).ok === "boolean"));
  });

  it("for any values as events: each is accepted or rejected, under its own seq", () => {
    const plausible = fc
      .tuple(anything, fc.constantFrom("page_view", "purchase", "view_item"))
      .map(([fields, name]) => ({
        ...(typeof fields === "object" ? fields : {}),
        name,
        occurredAtMs: NOW_MS,
      }));
    const events = fc.array(fc.oneof(anything, plausible), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(events, (raw) => {
        const batch = decode(raw);
        expect(batch.count).toBe(raw.length);
        const seqs = [...batch.events, ...batch.rejects].map(({ seq }) => seq).sort((a, b) => a - b);
        expect(seqs).toEqual(raw.map((_, index) => 7 + index));
        for (const event of batch.events) expectSound(event);
        for (const { payload } of batch.rejects) {
          expect(payload.length).toBeLessThanOrEqual(REJECT_PAYLOAD_LENGTH_MAX);
          JSON.parse(payload);
        }
        // What is kept is plain: it survives JSON and a structured clone as it is.
        expect(structuredClone(batch)).toEqual(batch);
        expect(JSON.stringify(batch).isWellFormed()).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("for what is deeper than the stack and wider than memory likes", () => {
    let deep: unknown = {};
    for (let n = 0; n < 100_000; n++) deep = n % 2 ? [deep] : { deep };
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
    const batch = decode([{ name: "x", occurredAtMs: NOW_MS, deep, ...wide }, { ...wide, name: deep }, deep]);
    expect([batch.events.length, batch.rejects.length]).toEqual([1, 2]);
    expect(Object.keys(batch.events[0]?.props ?? {})).toHaveLength(PROPS_MAX);
  });
});

function expectSound(event: TidemarkEvent): void {
  expect(Number.isSafeInteger(event.occurredAtMs)).toBe(true);
  expect(event.valueMinor ?? 0).toBeGreaterThanOrEqual(0);
  expect(Number.isSafeInteger(event.valueMinor ?? 0)).toBe(true);
  if (event.valueMinor !== undefined) expect(event.currency).toMatch(/^[A-Z]{3}$/);
  if (event.name === "purchase") expect(event.orderId).toBeTruthy();
  expect(event.items?.length ?? 0).toBeLessThanOrEqual(ITEMS_MAX);
  expect(Object.keys(event.props ?? {}).length).toBeLessThanOrEqual(PROPS_MAX);
  expect(event.fixes?.length ?? 0).toBeLessThanOrEqual(FIXES_MAX);
}

describe("the envelope", () => {
  it.each([
    [4, [""]],
    [[], [""]],
    [{}, ["/session", "/stream", "/seq", "/events"]],
    [{ ...ENVELOPE, events: [] }, ["/events"]],
    [{ ...ENVELOPE, events: [{}], seq: 0.5 }, ["/seq"]],
    [{ ...ENVELOPE, events: [{}], seq: 10_000_001 }, ["/seq"]],
    [{ ...ENVELOPE, events: [{}], session: "\ud800" }, ["/session"]],
    [{ ...ENVELOPE, events: [{}], session: "x".repeat(129) }, ["/session"]],
    [{ ...ENVELOPE, events: [{}], session: "a\u0000b" }, ["/session"]],
    [{ ...ENVELOPE, events: [{}], stream: "4111111111111111" }, ["/stream"]],
    [{ ...ENVELOPE, events: [{}], sentAtMs: "now" }, ["/sentAtMs"]],
    [{ ...ENVELOPE, events: [{}], context: [] }, ["/context"]],
    [{ ...ENVELOPE, events: [{}], source: "<b>" }, ["/source"]],
    [{ ...ENVELOPE, events: [{}], visitor: {} }, ["/visitor"]],
  ])("%j is refused as a whole", (body, pointers) => {
    const result = decodeBatch(body, AT);
    expect(result).toEqual({
      ok: false,
      reason: pointers.map((pointer) => ({ pointer, code: "batch_invalid" })),
    });
  });

  it("is refused with too many events, or from a stream of last month", () => {
    const tooMany = { ...ENVELOPE, events: new Array(BATCH_EVENTS_MAX + 1).fill({}) };
    expect(decodeBatch(tooMany, AT)).toEqual({
      ok: false,
      reason: [{ pointer: "/events", code: "too_many_events" }],
    });
    const stream = (ageDays: number) => ({
      ...ENVELOPE,
      stream: streamId(NOW_MS - ageDays * 86_400_000, "abcd"),
      events: [{}],
    });
    expect(decodeBatch(stream(30), AT).ok).toBe(true);
    expect(decodeBatch(stream(30.1), AT)).toEqual({
      ok: false,
      reason: [{ pointer: "/stream", code: "stream_too_old" }],
    });
  });

  it("names the visitor, unless the visitor asked for none", () => {
    const sent = { visitor: "v1", user: "u1" };
    expect(decode([{}], sent)).toMatchObject({ visitor: "v1", user: "u1" });
    expect(decode([{}])).toMatchObject({ visitor: "d.visitor" });
    const cookieless = decode([{}], sent, { ...AT, isCookieless: true });
    expect(cookieless.visitor).toBe("d.visitor");
    expect(cookieless.user).toBeUndefined();
  });

  it("never keeps a person's address as an id", () => {
    const sent = { visitor: "jane@shop.example", user: "jane@shop.example" };
    expect(decode([{}], sent)).toMatchObject({ visitor: "d.visitor" });
    const keyed = decode([{}], sent, { ...AT, pseudonym: (id) => `#${id.length}` });
    expect(keyed).toMatchObject({ visitor: "[masked]#17", user: "[masked]#17" });
  });

  it("gives its context to events that have none of their own", () => {
    const context = {
      url: "https://shop.example/a?token=x&utm_source=news",
      title: "A",
      referrer: "/r",
      language: "de-AT",
    };
    const batch = decode(
      [
        { name: "x", occurredAtMs: NOW_MS },
        { name: "x", occurredAtMs: NOW_MS, title: "B", url: "/b" },
      ],
      { context },
    );
    expect(batch.language).toBe("de-AT");
    expect(batch.events).toMatchObject([
      {
        title: "A",
        path: "/a",
        referrer: "/r",
        campaign: { source: "news" },
        url: expect.stringContaining("token=[masked]"),
      },
      { title: "B", path: "/b", referrer: "/r" },
    ]);
    expect(batch.events[1]?.campaign).toBeUndefined();
  });
});

describe("what a page gave up", () => {
  it.each<[unknown, unknown]>([
    [
      { outbox_full: 3, http_413: 1 },
      { outbox_full: 3, http_413: 1 },
    ],
    // A closed set: nobody fills the ledger with names.
    [
      { http_418: 2, "a@b.example": 3, outbox_full: 1 },
      { other: 5, outbox_full: 1 },
    ],
    [{ outbox_full: -1, memory_full: 1.5, http_404: "7", http_400: null }, undefined],
    [{ outbox_full: 1e300 }, { outbox_full: 10_000_000 }],
    [JSON.parse('{"__proto__": 4, "outbox_full": 1}'), { other: 4, outbox_full: 1 }],
    ["many", undefined],
    [[3], undefined],
    [null, undefined],
  ])("%j is read as %j, and never costs an event", (dropped, expected) => {
    const batch = decode([{ name: "page_view", occurredAtMs: NOW_MS }], { dropped });
    expect(batch.dropped).toEqual(expected);
    expect(batch.events).toHaveLength(1);
  });
});

describe("names of GA4 and ours", () => {
  const expected = {
    url: "https://shop.example/p",
    title: "T",
    referrer: "/r",
    searchTerm: "tent",
    itemListId: "l1",
    currency: "EUR",
    valueMinor: 1290,
    orderId: "o1",
    items: [
      {
        itemId: "a",
        name: "A",
        brand: "B",
        category: "C",
        variant: "V",
        url: "/a",
        image: "/a.svg",
        priceMinor: 1290,
        quantity: 2,
      },
    ],
  };
  const camel = {
    url: "https://shop.example/p",
    title: "T",
    referrer: "/r",
    searchTerm: "tent",
    itemListId: "l1",
    currency: "EUR",
    value: 12.9,
    transactionId: "o1",
    items: [
      {
        itemId: "a",
        itemName: "A",
        itemBrand: "B",
        itemCategory: "C",
        itemVariant: "V",
        itemUrl: "/a",
        itemImage: "/a.svg",
        price: 12.9,
        quantity: 2,
      },
    ],
  };
  const snake = {
    page_location: "https://shop.example/p",
    page_title: "T",
    page_referrer: "/r",
    search_term: "tent",
    item_list_id: "l1",
    currency: "EUR",
    value: "12.90",
    transaction_id: "o1",
    items: [
      {
        item_id: "a",
        item_name: "A",
        item_brand: "B",
        item_category: "C",
        item_variant: "V",
        item_url: "/a",
        item_image: "/a.svg",
        price: "12.90",
        quantity: "2",
      },
    ],
  };
  const short = {
    ...camel,
    value: undefined,
    valueMinor: 1290,
    items: [
      {
        id: "a",
        name: "A",
        brand: "B",
        category: "C",
        variant: "V",
        url: "/a",
        image: "/a.svg",
        priceMinor: 1290,
        quantity: 2,
      },
    ],
  };

  it.each([
    ["camelCase", camel],
    ["snake_case", snake],
    ["inside params", { params: snake }],
    ["inside ecommerce", { ecommerce: snake }],
    ["short", short],
  ])("%s", (_, fields) => {
    expect(decodeOne(fields)).toMatchObject(expected);
  });

  it("take one item as a shorthand", () => {
    expect(decodeOne({ itemId: 7, itemName: "A", price: 3, currency: "EUR", quantity: 2 }).items).toEqual([
      { itemId: "7", name: "A", priceMinor: 300, quantity: 2 },
    ]);
    expect(decodeOne({ price: 3, quantity: 2 })).toMatchObject({ props: { price: 3, quantity: 2 } });
  });

  it("leave what they do not know as flat props", () => {
    expect(
      decodeOne({ colour: "red", params: { size: 42, sale: true }, props: { nested: { a: [1] }, name: "n" } })
        .props,
    ).toEqual({
      colour: "red",
      size: 42,
      sale: true,
      nested: '{"a":[1]}',
      name: "n",
    });
  });
});

describe("page views", () => {
  it.each([
    [{ name: "page_view" }, true],
    [{ name: "view_item", pageView: true }, true],
    [{ name: "view_item" }, false],
    [{ name: "view_item", pageView: "yes" }, false],
  ])("%j: %s", (fields, isPageView) => {
    expect(decodeOne(fields).isPageView).toBe(isPageView);
  });
});

describe("an order", () => {
  const order = { name: "purchase", transactionId: "o1", currency: "EUR" };

  it.each([
    ["in_stock", "in_stock"],
    ["https://schema.org/InStock", "in_stock"],
    ["http://schema.org/PreOrder", "in_stock"],
    ["SoldOut", "out_of_stock"],
    ["http://schema.org/OutOfStock", "out_of_stock"],
    ["out of stock", "out_of_stock"],
    ["Discontinued", "out_of_stock"],
    ["toString", undefined],
    [true, undefined],
    [["InStock"], undefined],
  ])("knows from availability %j that an item is %s", (said, expected) => {
    expect(decodeOne({ items: [{ id: "a", availability: said }] }).items?.[0]?.availability).toBe(expected);
    expect(decodeOne({ itemId: "a", itemAvailability: said }).items?.[0]?.availability).toBe(expected);
  });

  it("is worth its items when it does not say its value", () => {
    const event = decodeOne({
      ...order,
      items: [{ id: "a", price: 0.1, quantity: 3 }, { id: "b", price: 12.9 }, { id: "c" }],
    });
    expect(event).toMatchObject({ valueMinor: 1320, fixes: ["value:derived"] });
  });

  it("keeps an id that looks like a person only as a pseudonym", () => {
    const raw = { ...order, occurredAtMs: NOW_MS, transactionId: "jane@shop.example", value: 1 };
    const { events } = decode([raw], {}, { ...AT, pseudonym: () => "p1" });
    expect(events[0]).toMatchObject({ orderId: "[masked]p1", fixes: ["transactionId:masked"] });
  });
});

describe("a reject says what and where", () => {
  it.each([
    [{ name: undefined }, "name_missing /name"],
    [{ name: "" }, "name_missing /name"],
    [{ name: "1st" }, "name_invalid /name"],
    [{ name: "x".repeat(65) }, "name_invalid /name"],
    [{ name: "jane@shop.example" }, "name_invalid /name"],
    [{ occurredAtMs: undefined }, "occurred_at_missing /occurredAtMs"],
    [{ occurredAtMs: 0 }, "occurred_at_too_old /occurredAtMs"],
    [{ currency: "EUX" }, "currency_unknown /currency"],
    [{ params: { currency: 5 } }, "currency_unknown /params/currency"],
    [{ value: 5 }, "currency_missing /currency"],
    [{ name: "purchase", transactionId: "o1" }, "currency_missing /currency"],
    [{ itemId: "a", price: 5 }, "currency_missing /currency"],
    [{ currency: "EUR", value: "a lot" }, "money_invalid /value"],
    [{ currency: "EUR", value: Number.POSITIVE_INFINITY }, "money_invalid /value"],
    [{ currency: "EUR", value: 1e17 }, "money_invalid /value"],
    [{ currency: "EUR", value: -0.01 }, "value_negative /value"],
    [{ currency: "EUR", valueMinor: 1.5 }, "money_invalid /valueMinor"],
    [{ currency: "EUR", items: [{ id: "a" }, { id: "b", price: -5 }] }, "price_negative /items/1/price"],
    [{ items: {} }, "items_invalid /items"],
    [{ items: [[]] }, "items_invalid /items/0"],
    [{ items: ["a"] }, "items_invalid /items/0"],
    [{ items: new Array(201).fill({ id: "a" }) }, "items_too_many /items"],
    [{ items: [{ name: "A" }] }, "item_id_missing /items/0/itemId"],
    [{ items: [{ id: "x".repeat(129) }] }, "id_invalid /items/0/id"],
    [{ items: [{ id: {} }] }, "id_invalid /items/0/id"],
    [{ itemId: "a", quantity: 0 }, "quantity_invalid /quantity"],
    [{ itemId: "a", quantity: 1_000_001 }, "quantity_invalid /quantity"],
    [{ name: "purchase", currency: "EUR", value: 1 }, "id_invalid /transactionId"],
    [{ title: {} }, "field_invalid /title"],
    [{ url: ["/a"] }, "field_invalid /url"],
    [{ params: [] }, "field_invalid /params"],
    [{ props: "red" }, "field_invalid /props"],
  ])("%j: %s", (fields, expected) => {
    expect(codeOf(fields)).toBe(expected);
  });
});

describe("corrections are made and recorded", () => {
  it.each([
    [{ currency: "eur" }, { currency: "EUR" }, "currency:upper"],
    [{ currency: "EUR", value: 1.005 }, { valueMinor: 101 }, "value:rounded"],
    [{ title: "a\ud800b" }, { title: "a\ufffdb" }, "title:wellformed"],
    [{ title: "x".repeat(600) }, { title: "x".repeat(512) }, "title:cut"],
    [{ title: `${"x".repeat(511)}😀` }, { title: "x".repeat(511) }, "title:cut"],
    [{ searchTerm: "mail jane@shop.example" }, { searchTerm: "mail [masked]" }, "searchTerm:masked"],
    [{ occurredAtMs: "2026-11-02T07:00:00Z" }, { occurredAtMs: NOW_MS }, "occurredAt:text"],
    [{ colour: { email: "x" } }, { props: { colour: '{"email":"[masked]"}' } }, "props:nested"],
    [
      { itemId: "a", itemUrl: "javascript:alert(1)" },
      { items: [{ itemId: "a", quantity: 1 }] },
      "items.url:dropped",
    ],
    [{ itemId: "jane@shop.example" }, { items: [{ itemId: "[masked]", quantity: 1 }] }, "itemId:masked"],
    [
      { items: [{ id: "a", availability: "on the moon" }] },
      { items: [{ itemId: "a", quantity: 1 }] },
      "items.availability:dropped",
    ],
    [
      {
        items: [
          { id: "a", availability: "in stock" },
          { id: "b", availability: "out_of_stock" },
        ],
      },
      {
        items: [
          { itemId: "a", quantity: 1, availability: "in_stock" },
          { itemId: "b", quantity: 1 },
        ],
      },
      "items:fields_dropped",
    ],
    [{ items: [{ id: "a", index: 3 }] }, { items: [{ itemId: "a", quantity: 1 }] }, "items:fields_dropped"],
  ])("%j", (fields, expected, fix) => {
    const event = decodeOne(fields);
    expect(event).toMatchObject(expected);
    expect(event.fixes).toContain(fix);
  });

  it("text is NFC, trimmed and without control characters", () => {
    expect(decodeOne({ title: " Cafe\u0301\u0000\nau lait\u007f " })).toMatchObject({
      title: "Café au lait",
    });
  });

  it("a wrong clock is corrected", () => {
    expect(decodeOne({ occurredAtMs: NOW_MS - 7_200_000 }, { sentAtMs: NOW_MS - 7_199_000 })).toMatchObject({
      occurredAtMs: NOW_MS - 1000,
      fixes: ["occurredAt:skew"],
    });
  });
});

describe("nothing private is stored, wherever it was put", { timeout: SLOW_MS }, () => {
  it("in events and in rejects", () => {
    const secret = fc.constantFrom(
      "jane.doe@shop.example",
      "4111 1111 1111 1111",
      "+49 151 23456789",
      "DE89370400440532013000",
    );
    const field = fc.constantFrom(
      "title",
      "url",
      "referrer",
      "searchTerm",
      "page_location",
      "note",
      "itemName",
      "item_url",
      "itemImage",
      "itemBrand",
      "key",
      "email",
    );
    const wrap = fc.constantFrom<(event: object) => object>(
      (event) => event,
      (event) => ({ ...event, occurredAtMs: 5 }),
      (event) => ({ params: event, name: "x", occurredAtMs: NOW_MS }),
      (event) => ({ props: { deep: [event] }, name: "x", occurredAtMs: NOW_MS }),
      (event) => ({ items: [{ id: "a", ...event }], name: "x", occurredAtMs: NOW_MS }),
    );
    fc.assert(
      fc.property(secret, field, field, wrap, (hidden, one, two, put) => {
        const event = put({
          name: "x",
          occurredAtMs: NOW_MS,
          itemId: "a",
          [one]: hidden,
          [two]: `https://shop.example/p?q=${encodeURIComponent(hidden)}`,
          [hidden]: 1,
        });
        const stored = JSON.stringify(decode([event], { context: { title: hidden, url: `/?x=${hidden}` } }));
        expect(stored).not.toContain(hidden);
        expect(stored).not.toContain(encodeURIComponent(hidden));
      }),
    );
  });
});

describe("a session or stream that is private", () => {
  const body = {
    session: "4111111111111111",
    stream: "+4915123456789",
    seq: 0,
    events: [{ name: "page_view", occurredAtMs: NOW_MS }],
  };

  it("has a pseudonym, the same each time", () => {
    const decoded = decodeBatch(body, { ...AT, pseudonym: (id) => `~${id.length}` });
    expect(decoded).toMatchObject({ ok: true, value: { session: "[masked]~16", stream: "[masked]~14" } });
  });

  it("refuses the batch where there is no key for pseudonyms: all of them would become one", () => {
    expect(decodeBatch(body, AT)).toMatchObject({
      reason: ["/session", "/stream"].map((pointer) => ({ pointer, code: "batch_invalid" })),
    });
  });
});

describe("a batch with more to mask than a batch may cost", () => {
  const event = { name: "view_item", occurredAtMs: NOW_MS };
  const hostile = "jane@shop.example 4111 1111 1111 1111 +49 151 2345678 token=abc %40 ".repeat(7);

  it("keeps its events, and their texts are masked whole", () => {
    const events = Array.from({ length: 500 }, () => ({ ...event, title: hostile, props: { a: hostile } }));
    const decoded = decodeBatch({ session: "s", stream: "st", seq: 0, events }, AT);
    expect(decoded).toMatchObject({ value: { rejects: [] } });
    expect(decoded.ok && decoded.value.events.at(-1)).toMatchObject({
      title: "[masked]",
      props: { a: "[masked]" },
    });
    expect(JSON.stringify(decoded)).not.toMatch(/jane|4111|2345678/);
  });

  it("does not keep an event whose id nobody could look at", () => {
    const events = Array.from({ length: 500 }, () => ({ ...event, itemId: "a@b.example", title: hostile }));
    const decoded = decodeBatch({ session: "s", stream: "st", seq: 0, events }, AT);
    expect(decoded.ok && decoded.value.rejects.at(-1)).toMatchObject({
      pointer: "/events/499/itemId",
      code: "work_exceeded",
    });
    expect(JSON.stringify(decoded)).not.toMatch(/jane|4111|2345678|a@b/);
  });
});

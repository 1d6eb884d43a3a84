import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TidemarkEvent } from "../event/event.ts";
import { FIXES_MAX, ORIGINAL_LENGTH_MAX, ORIGINALS_MAX } from "../event/limits.ts";
import { plainAmount } from "./amount-text.ts";
import { type DecodeContext, decodeBatch } from "./decode.ts";
import { FIX_RULES, type FixRule, type FixSwitches } from "./fix-rules.ts";

const NOW_MS = Date.UTC(2026, 10, 2, 7);
const EVENT = { name: "view_item", occurredAtMs: NOW_MS };

function decode(fields: object, fixes: FixSwitches = {}, envelope: object = {}) {
  const at: DecodeContext = { site: "shop", receivedAtMs: NOW_MS, derivedVisitor: "d.v", fixes };
  const body = { session: "s1", stream: "st1", seq: 0, events: [{ ...EVENT, ...fields }], ...envelope };
  const result = decodeBatch(body, at);
  if (!result.ok) throw new Error(JSON.stringify(result.reason));
  return result.value;
}

const EUR = { currency: "EUR" };
const item = (fields: object) => ({ ...EUR, items: [{ itemId: "a", ...fields }] });
const priced = (priceMinor: number) => ({ items: [{ itemId: "a", quantity: 1, priceMinor }] });

/** What is sent, by which rules it is read, as what, what `fixes` says, and how it is rejected without them. */
type Row = [
  sent: object,
  rules: FixRule[],
  event: Partial<TidemarkEvent>,
  fixes: string[],
  rejected: string | undefined,
];

const TABLE: Row[] = [
  [{ name: " add_to_cart\n" }, ["trim"], { name: "add_to_cart" }, ["name:trim"], "name_invalid /name"],
  [{ currency: " EUR" }, ["trim"], EUR, ["currency:trim"], "currency_unknown /currency"],
  [
    { itemId: "tent " },
    ["trim"],
    { items: [{ itemId: "tent", quantity: 1 }] },
    ["itemId:trim"],
    "id_invalid /itemId",
  ],
  [{ ...EUR, value: " 12.90 " }, ["trim"], { valueMinor: 1290 }, ["value:trim"], "money_invalid /value"],

  [{ name: "View_Item" }, ["case"], { name: "view_item" }, ["name:case"], undefined],
  [{ name: "Add to Cart" }, ["case"], { name: "add_to_cart" }, ["name:case"], undefined],
  [{ name: "PageView" }, ["case"], { name: "page_view", isPageView: true }, ["name:case"], undefined],
  [{ currency: "eur" }, ["case"], EUR, ["currency:upper"], "currency_unknown /currency"],

  [
    { occurredAtMs: NOW_MS / 1000 },
    ["timeUnit"],
    { occurredAtMs: NOW_MS },
    ["occurredAt:seconds"],
    "occurred_at_too_old /occurredAtMs",
  ],
  [
    { occurredAtMs: NOW_MS / 1000 + 0.25 },
    ["timeUnit"],
    { occurredAtMs: NOW_MS + 250 },
    ["occurredAt:seconds"],
    "occurred_at_too_old /occurredAtMs",
  ],
  [
    { occurredAtMs: NOW_MS * 1000 + 7 },
    ["timeUnit"],
    { occurredAtMs: NOW_MS },
    ["occurredAt:micros"],
    "occurred_at_in_future /occurredAtMs",
  ],
  [
    { occurredAtMs: NOW_MS * 1e6 },
    ["timeUnit"],
    { occurredAtMs: NOW_MS },
    ["occurredAt:nanos"],
    "occurred_at_in_future /occurredAtMs",
  ],

  [
    { occurredAtMs: String(NOW_MS) },
    ["numberText"],
    { occurredAtMs: NOW_MS },
    ["occurredAt:number"],
    "occurred_at_invalid /occurredAtMs",
  ],
  [
    { occurredAtMs: String(NOW_MS / 1000) },
    ["numberText", "timeUnit"],
    { occurredAtMs: NOW_MS },
    ["occurredAt:number", "occurredAt:seconds"],
    "occurred_at_invalid /occurredAtMs",
  ],
  [
    { itemId: "a", quantity: "2" },
    ["numberText"],
    { items: [{ itemId: "a", quantity: 2 }] },
    ["quantity:number"],
    "quantity_invalid /quantity",
  ],
  [
    { ...EUR, valueMinor: "1290" },
    ["numberText"],
    { valueMinor: 1290 },
    ["value:number"],
    "money_invalid /valueMinor",
  ],

  [
    { ...EUR, value: "12,90" },
    ["decimalComma"],
    { valueMinor: 1290 },
    ["value:comma"],
    "money_invalid /value",
  ],
  [item({ price: "0,5" }), ["decimalComma"], priced(50), ["price:comma"], "money_invalid /items/0/price"],
  [
    { ...EUR, value: "1,299.00" },
    ["thousands"],
    { valueMinor: 129_900 },
    ["value:thousands"],
    "money_invalid /value",
  ],
  [
    { ...EUR, value: "1 299,00" },
    ["thousands", "decimalComma"],
    { valueMinor: 129_900 },
    ["value:thousands", "value:comma"],
    "money_invalid /value",
  ],
  [
    { ...EUR, value: "1.299,00" },
    ["thousands", "decimalComma"],
    { valueMinor: 129_900 },
    ["value:thousands", "value:comma"],
    "money_invalid /value",
  ],
  [
    { currency: "CHF", value: "1’299.50" },
    ["thousands"],
    { valueMinor: 129_950 },
    ["value:thousands"],
    "money_invalid /value",
  ],

  [{ currency: "€" }, ["currencySymbol"], EUR, ["currency:symbol"], "currency_unknown /currency"],
  [
    { ...EUR, value: "€12.90" },
    ["currencySymbol"],
    { valueMinor: 1290 },
    ["value:symbol"],
    "money_invalid /value",
  ],
  [
    { ...EUR, value: "12,90 €" },
    ["currencySymbol", "decimalComma"],
    { valueMinor: 1290 },
    ["value:symbol", "value:comma"],
    "money_invalid /value",
  ],
  [
    { currency: "USD", value: "$1,299.00" },
    ["currencySymbol", "thousands"],
    { valueMinor: 129_900 },
    ["value:symbol", "value:thousands"],
    "money_invalid /value",
  ],

  [{ ...EUR, value: -0 }, ["negativeZero"], { valueMinor: 0 }, ["value:zero"], "value_negative /value"],
  [item({ price: "-0.00" }), ["negativeZero"], priced(0), ["price:zero"], "price_negative /items/0/price"],

  [
    { items: { itemId: "a", quantity: 2 } },
    ["singleItem"],
    { items: [{ itemId: "a", quantity: 2 }] },
    ["items:single"],
    "items_invalid /items",
  ],
  [
    { items: { 0: { id: "a" }, 2: { id: "b" } } },
    ["singleItem"],
    {
      items: [
        { itemId: "a", quantity: 1 },
        { itemId: "b", quantity: 1 },
      ],
    },
    ["items:numbered"],
    "items_invalid /items",
  ],
];

describe.each(TABLE)("%j", (sent, rules, expected, fixes, rejected) => {
  it("is read by its rules alone, and says so", () => {
    const others = Object.fromEntries(FIX_RULES.map((rule) => [rule, rules.includes(rule)]));
    for (const switches of [{}, others]) {
      const { events, rejects } = decode(sent, switches);
      expect(rejects).toEqual([]);
      expect(events[0]).toMatchObject(expected);
      expect(events[0]?.fixes).toEqual(fixes);
    }
  });

  it.each(rules)("without %s it is left alone", (rule) => {
    const { events, rejects } = decode(sent, { [rule]: false });
    const reject = rejects[0];
    if (rejected === undefined) {
      // A name is free, so without the rule it is the shop's own.
      expect(events[0]).toMatchObject(sent);
      expect(events[0]?.fixes).toBeUndefined();
      return;
    }
    // The first rule of several decides the code; the others only ever change how far reading comes.
    const [code, pointer] = rejected.split(" ");
    expect(reject?.pointer).toBe(`/events/0${pointer}`);
    if (rule === rules[0]) expect(reject?.code).toBe(code);
  });
});

describe("what a correction loses is kept", () => {
  it("under the pointer that it was sent under", () => {
    const { events } = decode({
      name: "Purchase",
      transactionId: "o1",
      currency: "eur",
      ecommerce: { value: "12,9" },
      items: [{ id: "a", price: "1.299,00" }],
      occurredAtMs: NOW_MS / 1000,
    });
    expect(events[0]?.originals).toEqual({
      "/name": "Purchase",
      "/currency": "eur",
      "/ecommerce/value": "12,9",
      "/items/0/price": "1.299,00",
      "/occurredAtMs": String(NOW_MS / 1000),
    });
  });

  it("also where digits were rounded away", () => {
    const { events } = decode({ ...EUR, value: 1.005 });
    expect(events[0]).toMatchObject({ fixes: ["value:rounded"], originals: { "/value": "1.005" } });
  });

  it("masked, and bounded", () => {
    const spaced = (n: number) => `${" ".repeat(100)}lamp-${n} `;
    const { events } = decode({
      transactionId: " jane@shop.example ",
      items: Array.from({ length: 40 }, (_, n) => ({ id: spaced(n) })),
    });
    const originals = events[0]?.originals ?? {};
    expect(Object.keys(originals)).toHaveLength(ORIGINALS_MAX);
    for (const text of Object.values(originals)) expect(text.length).toBeLessThanOrEqual(ORIGINAL_LENGTH_MAX);
    expect(JSON.stringify(events)).not.toContain("jane");
    expect(events[0]?.fixes?.length).toBeLessThanOrEqual(FIXES_MAX);
  });

  it("and an event that needs nothing has nothing", () => {
    const { events } = decode({ ...EUR, value: "12.90", itemId: "a", price: 12.9, quantity: 1 });
    expect(events[0]).not.toHaveProperty("fixes");
    expect(events[0]).not.toHaveProperty("originals");
  });
});

describe("what could mean two things stays rejected", () => {
  it.each([
    ["EUR", "1,290", "1290 or 1.29"],
    ["KWD", "1,290", "1290 or 1.290"],
    ["EUR", "1.2.3", ""],
    ["EUR", "1,2,3", ""],
    ["EUR", "1.299.00", ""],
    ["EUR", "1,299,00", ""],
    ["EUR", "$12.90", "another currency"],
    ["CHF", "€12.90", "another currency"],
    ["EUR", "12.90 EUR excl. VAT", ""],
    ["EUR", "from 12.90", ""],
    ["EUR", "12.90-15.90", ""],
    ["EUR", "--5,00", ""],
    ["EUR", "€5€", ""],
    ["EUR", "1 29", ""],
    ["EUR", "10%", ""],
  ])("%s %s %s", (currency, value) => {
    const { rejects } = decode({ currency, value });
    expect(rejects[0]).toMatchObject({ code: "money_invalid", pointer: "/events/0/value" });
  });

  it.each(["kr", "$", "EURO", "euro"])("currency %s", (currency) => {
    expect(decode({ currency }).rejects[0]?.code).toBe("currency_unknown");
  });

  it("but a group of three is thousands where a currency has no decimals", () => {
    expect(decode({ currency: "JPY", value: "1,290" }).events[0]?.valueMinor).toBe(1290);
  });

  it("and zero cannot lead a group", () => {
    expect(decode({ currency: "KWD", value: "0,290" }).events[0]?.valueMinor).toBe(290);
  });
});

describe("an amount that people write", () => {
  const major = fc.integer({ min: 0, max: 9_999_999 });
  const cents = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"));
  it.each([
    ["en", "."],
    ["de", ","],
    ["fr", ","],
    ["de-CH", "."],
    ["en-IN", "."],
  ])("reads what %s writes", (locale, point) => {
    const format = new Intl.NumberFormat(locale);
    fc.assert(
      fc.property(major, cents, (whole, fraction) => {
        const text = `${format.format(whole)}${point}${fraction}`;
        expect(Number(plainAmount(text, "EUR")?.text)).toBe(Number(`${whole}.${fraction}`));
      }),
    );
  });

  it("is read in linear time, whatever is sent", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("1", ",", ".", " ", "'", "€", "-", "k") }), (text) => {
        const plain = plainAmount(text, "EUR");
        if (plain) expect(plain.text).toMatch(/^[+-]?\d*(\.\d*)?$/);
      }),
    );
  });
});

describe("the clock of the sender", () => {
  it("is read in its own unit, so that events keep their distances", () => {
    const sentAtMs = NOW_MS / 1000 - 7200;
    const { events } = decode({ occurredAtMs: sentAtMs - 10 }, {}, { sentAtMs });
    expect(events[0]).toMatchObject({
      occurredAtMs: NOW_MS - 10_000,
      fixes: ["occurredAt:seconds", "occurredAt:skew", "sentAt:seconds"],
    });
  });

  it("may stand in 1970 and still be in ms", () => {
    const { events } = decode({ occurredAtMs: 4_000 }, {}, { sentAtMs: 5_000 });
    expect(events[0]).toMatchObject({ occurredAtMs: NOW_MS - 1_000, fixes: ["occurredAt:skew"] });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURRENCY_EXPONENTS } from "./currencies.ts";
import { toMajorText, toMinor, VALUE_MINOR_MAX } from "./money.ts";

const currency = fc.constantFrom(...CURRENCY_EXPONENTS.keys());

describe("an amount in minor units", () => {
  it.each([
    [12.9, "EUR", 1290, false],
    ["12.90", "EUR", 1290, false],
    [0.29, "EUR", 29, false],
    [1.1, "USD", 110, false],
    [8.2, "USD", 820, false],
    [1.005, "EUR", 101, true],
    ["1.0049999", "EUR", 100, true],
    [-1.005, "EUR", -101, true],
    [1500, "JPY", 1500, false],
    [1500.5, "JPY", 1501, true],
    [1.234, "KWD", 1234, false],
    [1.2345, "CLF", 12345, false],
    [".5", "EUR", 50, false],
    ["5.", "EUR", 500, false],
    [1e-7, "EUR", 0, true],
    [-0, "EUR", 0, false],
    [9e13, "EUR", 9e15, false],
  ])("%s %s is %s", (amount, code, valueMinor, rounded) => {
    expect(toMinor(amount, code)).toEqual({ ok: true, value: { valueMinor, rounded } });
  });

  it.each([
    "",
    ".",
    "-",
    "12,90",
    "1 000",
    "0x10",
    "1e999",
    "EUR 5",
    "NaN",
    "Infinity",
    "1".repeat(65),
    "90000000000000.01",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e21,
  ])("is not made from %s", (amount) => {
    expect(toMinor(amount, "EUR")).toEqual({ ok: false, reason: "money_invalid" });
  });

  it("needs a currency of ISO 4217", () => {
    for (const code of ["XXX", "XAU", "eur", "BTC", ""]) {
      expect(toMinor(1, code)).toEqual({ ok: false, reason: "currency_unknown" });
    }
  });

  it("comes back from its decimal text, in every currency", () => {
    fc.assert(
      fc.property(
        currency,
        fc.integer({ min: -VALUE_MINOR_MAX, max: VALUE_MINOR_MAX }),
        (code, valueMinor) => {
          const text = toMajorText({ currency: code, valueMinor });
          expect(toMinor(text, code)).toEqual({
            ok: true,
            value: { valueMinor: valueMinor + 0, rounded: false },
          });
        },
      ),
    );
  });

  it("comes back from a JavaScript number as shops send it, in every currency", () => {
    fc.assert(
      fc.property(currency, fc.integer({ min: 0, max: 1e11 }), (code, valueMinor) => {
        const major = Number(toMajorText({ currency: code, valueMinor }));
        expect(toMinor(major, code)).toEqual({ ok: true, value: { valueMinor, rounded: false } });
      }),
    );
  });
});

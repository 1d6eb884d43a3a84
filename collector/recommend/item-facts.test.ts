import { expect, test } from "vitest";
import { mergeFacts, shownFacts } from "./item-facts.ts";

test("newer facts replace older ones field by field", () => {
  const first = mergeFacts("", { name: "Boot", url: "/boot", priceMinor: 9900, currency: "EUR" });
  const second = mergeFacts(first, { name: "Boots", image: "/boot.svg" });
  expect(shownFacts(second)).toEqual({
    name: "Boots",
    url: "/boot",
    image: "/boot.svg",
    priceMinor: 9900,
    currency: "EUR",
  });
});

test("a price never takes the currency of another event", () => {
  const euros = mergeFacts("", { priceMinor: 9900, currency: "EUR" });
  expect(shownFacts(mergeFacts(euros, { priceMinor: 12_000 }))).toEqual({ priceMinor: 12_000 });
  expect(shownFacts(mergeFacts(euros, { currency: "JPY" }))).toEqual({ priceMinor: 9900, currency: "EUR" });
});

test("a free item has a price", () => {
  expect(shownFacts(mergeFacts("", { priceMinor: 0, currency: "EUR" }))).toEqual({
    priceMinor: 0,
    currency: "EUR",
  });
});

test("long names are cut, long links left out, and the separator cannot be smuggled in", () => {
  const facts = shownFacts(
    mergeFacts("", { name: `a\u001fb${"n".repeat(500)}`, url: `/${"u".repeat(2000)}` }),
  );
  expect(facts.name).toHaveLength(120);
  expect(facts.name?.startsWith("a b")).toBe(true);
  expect(facts.url).toBeUndefined();
});

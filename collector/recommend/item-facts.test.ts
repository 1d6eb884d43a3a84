import { expect, test } from "vitest";
import { shownFacts } from "./item-facts.ts";

test("an answer shows what a strip draws, and a price only with what it means", () => {
  const all = { name: "Boot", url: "/boot", image: "/boot.svg", priceMinor: 0, currency: "EUR" };
  expect(shownFacts({ ...all, category: "Shoes", brand: "Acme", tags: ["new"], isHidden: false })).toEqual(
    all,
  );
  expect(shownFacts({ currency: "EUR" })).toEqual({});
});

import { expect, it } from "vitest";
import { seeded } from "../shopper/seeded.ts";
import { CANARY_KINDS, makeCanary } from "./canary.ts";
import { Haystack } from "./haystack.ts";

const CANARIES = CANARY_KINDS.flatMap((kind, at) => {
  const random = seeded(at);
  return Array.from({ length: 50 }, () => makeCanary(random, kind));
});

it("what must not be found is a part of each canary, and unlike all others", () => {
  const haystack = new Haystack(CANARIES);
  for (const canary of CANARIES) expect(haystack.find(`a ${canary.text} b`)).toEqual(new Set([canary]));
});

it.each([
  ["as it is", (text: string) => text],
  ["in capitals", (text: string) => text.toUpperCase()],
  [
    "percent-encoded",
    (text: string) => [...text].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(""),
  ],
  ["in groups of two", (text: string) => (text.match(/.{1,2}/g) ?? []).join("-")],
])("a card is found %s", (_, write) => {
  const card = { ...makeCanary(seeded(1), "card"), needles: ["4111111111111111"] };
  const haystack = new Haystack([card]);
  expect(haystack.find(`x${"y".repeat(9_000_000)}${write("4111111111111111")}`)).toEqual(new Set([card]));
  expect(haystack.find("x4111111111111112")).toEqual(new Set());
});

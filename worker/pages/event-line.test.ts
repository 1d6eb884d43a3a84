import { expect, test } from "vitest";
import type { LiveEvent } from "../../collector/event/live.ts";
import { eventLine } from "./event-line.ts";

const event = (fields: Partial<LiveEvent>): LiveEvent => ({
  stream: "s",
  seq: 0,
  name: "page_view",
  occurredAtMs: 0,
  receivedAtMs: 0,
  ...fields,
});

test.each<[Partial<LiveEvent>, string]>([
  [{ path: "/sale" }, "Viewed page | /sale | "],
  [{ name: "search", searchTerm: "oilskin", path: "/search" }, "Searched | quote: oilskin | "],
  [{ name: "view_item", itemId: "p1", itemName: "Lamp", path: "/p/1" }, "Viewed | Lamp | "],
  [{ name: "view_item", itemId: "p1" }, "Viewed | p1 | "],
  [{ name: "purchase", amount: "42.50", currency: "EUR" }, "Bought |  | 42.50 EUR"],
  [{ name: "newsletter_signup", path: "/" }, "newsletter_signup | / | "],
  [{ name: "constructor" }, "constructor |  | "],
])("%o", (fields, line) => {
  const { verb, object, isQuote, money } = eventLine(event(fields));
  expect(`${verb} | ${isQuote ? "quote: " : ""}${object} | ${money}`).toBe(line);
});

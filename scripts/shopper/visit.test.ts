import { describe, expect, it } from "vitest";
import { decodeBatch } from "../../collector/ingest/decode.ts";
import { EVENTS_PER_VISIT } from "../shoppers.ts";
import { type CatalogItem, catalogOf, readCatalog } from "./catalog.ts";
import { pickWeighted } from "./chance.ts";
import { INTENTS, type Intent } from "./intent.ts";
import { seeded } from "./seeded.ts";
import { nextItem, planStrip, planVisit, STEPS_MAX, type Step } from "./visit.ts";

const KINDS = [
  ["Camping", "Tents"],
  ["Camping", "Sleeping bags"],
  ["Camping", "Stoves"],
  ["Kitchen", "Kettles"],
  ["Tableware", "Mugs"],
  ["Garden", "Planters"],
] as const;
const items: CatalogItem[] = KINDS.flatMap(([category, kind]) =>
  Array.from({ length: 5 }, (_, at) => ({
    id: `${kind}-${at}`,
    name: `${kind} ${at}`,
    brand: "Tarn",
    category,
    kind,
    priceMinor: 1990 + at * 1000,
    stock: at === 4 ? 0 : 10,
    rating: 4.5,
    onSale: at === 1,
    url: `/demo/products/${kind.toLowerCase().replace(" ", "-")}-${at}`,
    image: `/demo/pictures/${at}.svg`,
  })),
);
const catalog = catalogOf(items);
const intents = Object.keys(INTENTS) as Intent[];
const eventsOf = (steps: Step[]) => steps.flatMap((step) => step.events);
const visits = (intent: Intent, count: number) =>
  Array.from({ length: count }, (_, seed) => planVisit(catalog, intent, seeded(seed), items[0]));

describe("a planned visit", () => {
  it("is the same for the same random numbers", () => {
    for (const intent of intents)
      expect(planVisit(catalog, intent, seeded(7))).toEqual(planVisit(catalog, intent, seeded(7)));
  });

  it("is accepted by the collector without a single reject", () => {
    const nowMs = 1_790_000_000_000;
    for (const intent of intents) {
      for (const steps of visits(intent, 60)) {
        const events = eventsOf(steps).map((event) => ({ ...event, occurredAtMs: nowMs }));
        const body = {
          session: "s1",
          stream: "t0mwqxzvl6.abcdef",
          seq: 0,
          sentAtMs: nowMs,
          visitor: "v1",
          events,
        };
        const decoded = decodeBatch(body, { site: "demo", receivedAtMs: nowMs, derivedVisitor: "d" });
        if (!decoded.ok) throw new Error(JSON.stringify(decoded.reason));
        expect(decoded.value.rejects).toEqual([]);
        expect(decoded.value.events.length).toBe(events.length);
        expect(decoded.value.events.flatMap((event) => event.fixes ?? [])).toEqual([]);
      }
    }
  });

  it("is bounded, and nobody waits a negative or an endless time", () => {
    for (const intent of intents) {
      for (const steps of visits(intent, 200)) {
        expect(steps.length).toBeLessThanOrEqual(STEPS_MAX);
        for (const { waitMs } of steps) {
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(60_000);
        }
      }
    }
  });

  it("goes down the funnel in order, and pays what is in the basket", () => {
    const purchases = intents
      .flatMap((intent) => visits(intent, 200))
      .filter((steps) => eventsOf(steps).some((event) => event.name === "purchase"));
    expect(purchases.length).toBeGreaterThan(30);
    for (const steps of purchases) {
      const events = eventsOf(steps);
      const at = ["view_item", "add_to_cart", "begin_checkout", "purchase"].map((name) =>
        events.findIndex((event) => event.name === name),
      );
      expect(at).toEqual(at.toSorted((a, b) => a - b));
      expect(at[0]).toBeGreaterThanOrEqual(0);
      const purchase = events.find((event) => event.name === "purchase");
      const total = purchase?.items?.reduce(
        (sum, item) => sum + (item.priceMinor ?? 0) * (item.quantity ?? 1),
        0,
      );
      expect(purchase?.valueMinor).toBe(total);
      expect(purchase?.currency).toBe("EUR");
      expect(purchase?.transactionId).toMatch(/^FH-[0-9A-Z]{8}$/);
    }
  });

  it("never buys what is sold out", () => {
    const bought = intents
      .flatMap((intent) => visits(intent, 200))
      .flatMap(eventsOf)
      .filter((event) => event.name === "add_to_cart");
    for (const event of bought)
      expect(items.find((item) => item.id === event.items?.[0]?.itemId)?.stock).toBeGreaterThan(0);
  });

  it("depends on the intent: buyers buy, window shoppers and bouncers do not, some searches find nothing", () => {
    const share = (intent: Intent, name: string): number =>
      visits(intent, 300).filter((steps) => eventsOf(steps).some((event) => event.name === name)).length /
      300;
    expect(share("buyer", "purchase")).toBeGreaterThan(0.4);
    expect(share("windowShopper", "add_to_cart")).toBe(0);
    expect(share("bouncer", "view_item")).toBe(0);
    expect(share("returning", "purchase")).toBeGreaterThan(0.2);
    const searches = visits("searcher", 300)
      .flatMap(eventsOf)
      .filter((event) => event.name === "search");
    const vain = searches.filter((event) => event.props?.results === 0);
    expect(vain.length / searches.length).toBeGreaterThan(0.08);
    expect(vain.length / searches.length).toBeLessThan(0.35);
  });

  it("has about as many events as the pace of the crowd assumes", () => {
    const random = seeded(1);
    const all = Array.from(
      { length: 3000 },
      () => eventsOf(planVisit(catalog, pickWeighted(INTENTS, random), random)).length,
    );
    const mean = all.reduce((sum, count) => sum + count, 0) / all.length;
    expect(mean).toBeGreaterThan(EVENTS_PER_VISIT * 0.75);
    expect(mean).toBeLessThan(EVENTS_PER_VISIT * 1.25);
  });
});

describe("the next click", () => {
  it("stays with what is alike or goes together far more often than by chance", () => {
    const random = seeded(3);
    const tent = items[0] as CatalogItem;
    const kinds = Array.from({ length: 2000 }, () => nextItem(catalog, tent, random).kind);
    const related =
      kinds.filter((kind) => ["Tents", "Sleeping bags", "Stoves"].includes(kind)).length / kinds.length;
    expect(related).toBeGreaterThan(0.75);
    expect(kinds.some((kind) => kind === "Planters" || kind === "Mugs" || kind === "Kettles")).toBe(true);
  });
});

describe("the catalogue", () => {
  it("is taken only when it lists products", () => {
    expect(readCatalog({ products: items })?.items.length).toBe(items.length);
    for (const answer of [null, 7, "x", {}, { products: [] }, { products: [{ id: 1 }] }])
      expect(readCatalog(answer)).toBeUndefined();
  });
});

describe("a strip of recommendations", () => {
  const listId = "rec:product:model:abc:session";
  const from = items[0] as CatalogItem;
  const plans = (itemIds: string[]) =>
    Array.from({ length: 300 }, (_, seed) =>
      eventsOf(planStrip(catalog, from, { listId, itemIds }, seeded(seed))),
    );
  const chosen = (all: ReturnType<typeof plans>) =>
    all.filter((events) => events.some(({ name }) => name === "select_item"));

  it("is seen, and followed under its own name to the product and at times into an order", () => {
    const all = plans(items.slice(1, 8).map(({ id }) => id));
    for (const events of all) expect(events[0]).toMatchObject({ name: "view_item_list", itemListId: listId });
    for (const events of chosen(all)) {
      const choice = events.find(({ name }) => name === "select_item");
      expect(choice?.itemListId).toBe(listId);
      expect(events.find(({ name }) => name === "view_item")?.items?.[0]?.itemId).toBe(
        choice?.items?.[0]?.itemId,
      );
    }
    expect(chosen(all).some((events) => events.some(({ name }) => name === "purchase"))).toBe(true);
    const nowMs = 1_790_000_000_000;
    const events = all.flat().map((event) => ({ ...event, occurredAtMs: nowMs }));
    const batch = {
      key: "k",
      session: "s",
      stream: "st",
      seq: 0,
      sentAtMs: nowMs,
      visitor: "v",
      events: events.slice(0, 400),
    };
    const decoded = decodeBatch(batch, { site: "demo", receivedAtMs: nowMs, derivedVisitor: "d" });
    expect(decoded.ok && decoded.value.rejects).toEqual([]);
  });

  it("is followed more often the better it knows what goes on", () => {
    const alike = chosen(plans(["Tents-1", "Sleeping bags-0", "Stoves-0"])).length;
    const strange = chosen(plans(["Mugs-4", "Planters-3", "Planters-4"])).length;
    expect(alike).toBeGreaterThan(2 * strange);
    expect(strange).toBeGreaterThan(0);
  });

  it("without items, as a hold-out group may get, is seen as well", () => {
    for (const events of plans([])) expect(events).toMatchObject([{ name: "view_item_list", items: [] }]);
  });
});

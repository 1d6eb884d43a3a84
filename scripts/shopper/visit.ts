import type { EventBody, ItemBody } from "../../collector/event/batch.ts";
import type { Catalog, CatalogItem } from "./catalog.ts";
import { between, pick, pickPopular, type Random, token, wholeBetween } from "./chance.ts";
import type { Intent } from "./intent.ts";
import type { Strip } from "./strip.ts";

/** An event of a visit that has not happened yet. */
export type EventPlan = Pick<
  EventBody,
  | "name"
  | "url"
  | "title"
  | "referrer"
  | "searchTerm"
  | "itemListId"
  | "currency"
  | "valueMinor"
  | "transactionId"
  | "items"
  | "props"
>;

/** What one page of a visit sends, and how long the shopper looked before it. */
export interface Step {
  waitMs: number;
  events: EventPlan[];
}

/** Longest visit; a real one that long is a crawler. */
export const STEPS_MAX = 40;

const NO_RESULT_SEARCHES = [
  "hoover",
  "trampoline",
  "gift card",
  "sofa bed",
  "espresso machine",
  "paddle board",
  "barbecue cover",
  "playstation",
];

/**
 * Plans a whole visit.
 *
 * @param favourite - what a returning visitor looked at last time
 */
export function planVisit(catalog: Catalog, intent: Intent, random: Random, favourite?: CatalogItem): Step[] {
  const visit = new Visit(catalog, random);
  PLANS[intent](visit, random, favourite);
  return visit.steps.slice(0, STEPS_MAX);
}

/** Things that a shopper has in mind for the next click; a strip that shows one of them is clicked. */
const WISHES = 3;
const FOLLOW_CHANCE = 0.4;
const WHIM_CHANCE = 0.02;
const STRIP_BUY_CHANCE = 0.15;

/** What a strip on a product's page adds to the visit: it is seen, and where it shows what was wanted it is followed. */
export function planStrip(catalog: Catalog, from: CatalogItem, strip: Strip, random: Random): Step[] {
  const visit = new Visit(catalog, random);
  const shown = strip.itemIds.flatMap((id) => catalog.items.find((item) => item.id === id) ?? []);
  visit.strip(from, strip.listId, shown);
  const wishes = Array.from({ length: WISHES }, () => nextItem(catalog, from, random));
  const whim = shown.length > 0 && random() < WHIM_CHANCE ? pick(shown, random) : undefined;
  const wish = random() < FOLLOW_CHANCE ? shown.find((item) => wishes.includes(item)) : undefined;
  const chosen = wish ?? whim;
  if (chosen === undefined) return visit.steps;
  visit.choose(chosen, strip.listId, from.url);
  if (random() < STRIP_BUY_CHANCE) visit.buy(chosen, 0.7);
  return visit.steps;
}

const PLANS: Record<Intent, (visit: Visit, random: Random, favourite?: CatalogItem) => void> = {
  windowShopper(visit, random) {
    visit.home();
    visit.wander(visit.category(), wholeBetween(1, 5, random));
  },
  searcher(visit, random) {
    if (random() < 0.5) visit.home();
    if (random() < 0.22) visit.searchInVain();
    const item = visit.search();
    visit.wander(item, wholeBetween(0, 2, random));
    if (random() < 0.3) visit.buy(item, 0.5);
  },
  comparer(visit, random) {
    const first = visit.category();
    const rivals = visit.rivals(first, wholeBetween(2, 4, random));
    for (const rival of rivals) visit.look(rival);
    const choice = pick([first, ...rivals], random);
    visit.look(choice);
    if (random() < 0.35) visit.buy(choice, 0.6);
  },
  buyer(visit, random) {
    const item = random() < 0.5 ? visit.search() : visit.category();
    visit.buy(visit.wander(item, wholeBetween(0, 2, random)), 0.85);
  },
  bargainHunter(visit, random) {
    for (const item of visit.bargains(wholeBetween(2, 5, random))) visit.look(item);
    if (visit.last !== undefined && random() < 0.4) visit.buy(visit.last, 0.5);
  },
  returning(visit, random, favourite) {
    const item = favourite ?? visit.category();
    visit.look(item);
    if (random() < 0.5) visit.wander(item, 1);
    visit.buy(item, 0.6);
  },
  bouncer(visit, random) {
    visit.home(wholeBetween(80, 400, random));
    if (random() < 0.3) visit.page("/demo/products", "Everything", 200);
  },
};

/** Builds the steps of one visit; the last page is the referrer of the next. */
class Visit {
  readonly steps: Step[] = [];
  last: CatalogItem | undefined;
  readonly #catalog: Catalog;
  readonly #random: Random;
  #referrer = "";

  constructor(catalog: Catalog, random: Random) {
    this.#catalog = catalog;
    this.#random = random;
  }

  page(path: string, title: string, waitMs: number, ...events: EventPlan[]): void {
    const from = this.#referrer === "" ? {} : { referrer: this.#referrer };
    const at = { url: path, title: `${title} · Fell & Hearth` };
    this.steps.push({
      waitMs: Math.round(waitMs),
      events: [{ name: "page_view", ...at, ...from }, ...events.map((event) => ({ ...at, ...event }))],
    });
    this.#referrer = path;
  }

  home(waitMs = 0): void {
    this.page("/demo/", "Things for home and away", waitMs);
  }

  /** Opens a category and something in it. */
  category(): CatalogItem {
    const name = pickPopular([...this.#catalog.byCategory.keys()], this.#random);
    const items = this.#catalog.byCategory.get(name) ?? this.#catalog.items;
    this.#list(`/demo/categories/${name.toLowerCase()}`, name, `category-${name.toLowerCase()}`, items);
    return this.#choose(items, `category-${name.toLowerCase()}`);
  }

  search(): CatalogItem {
    const wanted = pickPopular(this.#catalog.items, this.#random);
    const term = this.#random() < 0.5 ? wanted.kind.toLowerCase() : wanted.name.toLowerCase();
    const found = this.#catalog.byKind.get(wanted.kind) ?? [wanted];
    this.#search(term, found.length);
    return this.#choose(this.#random() < 0.7 ? [wanted] : found, "search");
  }

  searchInVain(): void {
    this.#search(pick(NO_RESULT_SEARCHES, this.#random), 0);
  }

  bargains(count: number): CatalogItem[] {
    const sale = this.#catalog.items.filter((item) => item.onSale);
    const items = sale.length === 0 ? this.#catalog.items : sale;
    this.#list("/demo/products?sort=price-up", "Everything", "all", items);
    return Array.from({ length: count }, () => pickPopular(items, this.#random));
  }

  rivals(item: CatalogItem, count: number): CatalogItem[] {
    const others = (this.#catalog.byKind.get(item.kind) ?? []).filter((other) => other.id !== item.id);
    return others.slice(0, count);
  }

  /** From item to item along what is alike or goes together; returns where it ended. */
  wander(from: CatalogItem, clicks: number): CatalogItem {
    let item = from;
    for (let click = 0; click < clicks; click++) {
      item = nextItem(this.#catalog, item, this.#random);
      this.look(item);
    }
    return item;
  }

  look(item: CatalogItem): void {
    this.last = item;
    this.page(item.url, item.name, between(3000, 22_000, this.#random), {
      name: "view_item",
      currency: "EUR",
      valueMinor: item.priceMinor,
      items: [toItem(item, 1)],
    });
  }

  /** Basket, often something that goes with it, checkout; `resolve` is how likely each is to go through. */
  buy(item: CatalogItem, resolve: number): void {
    if (item.stock === 0) return;
    const random = this.#random;
    const basket: ItemBody[] = [this.#add(item)];
    if (random() < 0.45) {
      const extra = complementOf(this.#catalog, item, random);
      if (extra !== undefined && extra.stock > 0) {
        this.look(extra);
        basket.push(this.#add(extra));
      }
    }
    this.page("/demo/cart", "Your basket", between(2000, 8000, random));
    if (basket.length > 1 && random() < 0.15) this.#remove(basket);
    if (random() > resolve) return;
    const money = {
      currency: "EUR",
      valueMinor: basket.reduce((sum, line) => sum + (line.priceMinor ?? 0) * (line.quantity ?? 1), 0),
      items: basket,
    };
    this.page("/demo/checkout", "Checkout", between(3000, 9000, random), {
      name: "begin_checkout",
      ...money,
    });
    if (random() > resolve) return;
    this.page("/demo/order", "Thank you", between(15_000, 45_000, random), {
      name: "purchase",
      transactionId: `FH-${token(8, random).toUpperCase()}`,
      ...money,
    });
  }

  #add(item: CatalogItem): ItemBody {
    const line = toItem(item, this.#random() < 0.85 ? 1 : 2);
    this.steps.push({
      waitMs: Math.round(between(2000, 15_000, this.#random)),
      events: [
        {
          name: "add_to_cart",
          url: item.url,
          currency: "EUR",
          valueMinor: item.priceMinor * (line.quantity ?? 1),
          items: [line],
        },
      ],
    });
    return line;
  }

  #remove(basket: ItemBody[]): void {
    const line = basket.pop();
    if (line === undefined) return;
    this.steps.push({
      waitMs: 3000,
      events: [
        {
          name: "remove_from_cart",
          url: "/demo/cart",
          currency: "EUR",
          valueMinor: (line.priceMinor ?? 0) * (line.quantity ?? 1),
          items: [line],
        },
      ],
    });
  }

  #search(term: string, results: number): void {
    const path = `/demo/search?q=${encodeURIComponent(term)}`;
    this.page(path, `“${term}”`, between(1500, 6000, this.#random), {
      name: "search",
      searchTerm: term,
      props: { results },
    });
  }

  #list(path: string, title: string, listId: string, items: readonly CatalogItem[]): void {
    this.page(path, title, between(1500, 7000, this.#random), {
      name: "view_item_list",
      currency: "EUR",
      itemListId: listId,
      items: items.slice(0, 12).map((item) => toItem(item, 1)),
    });
  }

  /** A click in a list, then the product's page. */
  #choose(items: readonly CatalogItem[], listId: string): CatalogItem {
    const item = pickPopular(items, this.#random);
    this.choose(item, listId, this.#referrer);
    return item;
  }

  /** A list that the page shows below what it is about. */
  strip(from: CatalogItem, listId: string, shown: readonly CatalogItem[]): void {
    const items = shown.map((item) => toItem(item, 1));
    this.steps.push({
      waitMs: Math.round(between(300, 900, this.#random)),
      events: [{ name: "view_item_list", url: from.url, currency: "EUR", itemListId: listId, items }],
    });
  }

  choose(item: CatalogItem, listId: string, url: string): void {
    this.steps.push({
      waitMs: Math.round(between(1500, 9000, this.#random)),
      events: [
        {
          name: "select_item",
          url,
          currency: "EUR",
          itemListId: listId,
          items: [toItem(item, 1)],
        },
      ],
    });
    this.look(item);
    const lastStep = this.steps.at(-1);
    if (lastStep !== undefined) lastStep.waitMs = 300;
  }
}

/** The next click: mostly the same kind or what goes with it, sometimes the same category, seldom anything. */
export function nextItem(catalog: Catalog, from: CatalogItem, random: Random): CatalogItem {
  const chance = random();
  if (chance < 0.4) {
    // Neighbours on the shelf are looked at one after the other, so some pairs are far stronger than others.
    const alike = catalog.byKind.get(from.kind) ?? [];
    const next = alike[(alike.indexOf(from) + 1) % Math.max(1, alike.length)];
    if (next !== undefined && next !== from) return next;
  }
  if (chance < 0.75) {
    const complement = complementOf(catalog, from, random);
    if (complement !== undefined) return complement;
  }
  return pickPopular(
    chance < 0.93 ? (catalog.byCategory.get(from.category) ?? catalog.items) : catalog.items,
    random,
  );
}

function complementOf(catalog: Catalog, item: CatalogItem, random: Random): CatalogItem | undefined {
  const kinds = (catalog.complements.get(item.kind) ?? []).filter((kind) => catalog.byKind.has(kind));
  return kinds.length === 0
    ? undefined
    : pickPopular(catalog.byKind.get(pickPopular(kinds, random)) ?? [], random);
}

function toItem(item: CatalogItem, quantity: number): ItemBody {
  return {
    itemId: item.id,
    itemName: item.name,
    itemBrand: item.brand,
    itemCategory: item.category,
    itemUrl: item.url,
    itemImage: item.image,
    priceMinor: item.priceMinor,
    quantity,
  };
}

import { type BatchBody, type EventBody, type ItemBody, streamId } from "../../collector/event/batch.ts";

export interface VisitPlan {
  events: number;
  sessions: number;
  /** Events of one batch, at most. */
  batch: number;
  nowMs: () => number;
  random: () => number;
}

const PRODUCTS = 2_000;
const CATEGORIES = 12;
/** Sessions that are on the way at the same time; each sends its batches in order. */
const ACTIVE_SESSIONS = 64;
const EVENT_GAP_MS = 700;

/** Batches as the pages of a shop send them: sessions of equal length, many at the same time. */
export function* visits(plan: VisitPlan): Generator<BatchBody> {
  const active: Iterator<BatchBody>[] = [];
  const lengthOf = (at: number): number =>
    Math.floor((plan.events * (at + 1)) / plan.sessions) - Math.floor((plan.events * at) / plan.sessions);
  for (let begun = 0; begun < plan.sessions || active.length > 0; ) {
    while (active.length < ACTIVE_SESSIONS && begun < plan.sessions)
      active.push(visit(lengthOf(begun++), plan));
    const turn = active.shift() as Iterator<BatchBody>;
    const next = turn.next();
    if (next.done) continue;
    yield next.value;
    active.push(turn);
  }
}

/** One session: looks at products of one category, puts some into the cart, and seldom buys. */
function* visit(length: number, { batch, nowMs, random }: VisitPlan): Generator<BatchBody> {
  const session = `v${id(random, 20)}`;
  const stream = streamId(Math.floor(nowMs()), id(random, 16));
  const visitor = `u${id(random, 20)}`;
  const category = Math.floor(random() * CATEGORIES);
  const startMs = Math.floor(nowMs()) - length * EVENT_GAP_MS;
  for (let seq = 0; seq < length; seq += batch) {
    const count = Math.min(batch, length - seq);
    const url = `https://shop.example/demo/products/category-${category}/page-${seq}`;
    yield {
      session,
      stream,
      seq,
      visitor,
      sentAtMs: Math.floor(nowMs()),
      context: { url, referrer: "https://shop.example/demo/", language: "de-DE" },
      events: Array.from({ length: count }, (_, at) =>
        eventAt(startMs + (seq + at) * EVENT_GAP_MS, category, random),
      ),
    };
  }
}

function eventAt(occurredAtMs: number, category: number, random: () => number): EventBody {
  const product = Math.floor((random() ** 2 * PRODUCTS) / CATEGORIES) * CATEGORIES + category;
  const item: ItemBody = {
    itemId: `sku-${product}`,
    itemName: `Product ${product}`,
    itemCategory: `category-${category}`,
    itemUrl: `/demo/products/category-${category}/product-${product}`,
    itemImage: `/demo/pictures/sku-${product}.svg`,
    priceMinor: 499 + product * 35,
    quantity: 1,
  };
  const roll = random();
  if (roll < 0.45) return { name: "page_view", occurredAtMs, title: `Product ${product} – Shop` };
  if (roll < 0.85) return { name: "view_item", occurredAtMs, currency: "EUR", items: [item] };
  if (roll < 0.9)
    return { name: "search", occurredAtMs, searchTerm: "green tea", props: { results: product } };
  if (roll < 0.98) return { name: "add_to_cart", occurredAtMs, currency: "EUR", items: [item] };
  return {
    name: "purchase",
    occurredAtMs,
    currency: "EUR",
    valueMinor: item.priceMinor ?? 0,
    transactionId: `o${id(random, 12)}`,
    items: [item],
  };
}

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

function id(random: () => number, length: number): string {
  let text = "";
  while (text.length < length) text += LETTERS[Math.floor(random() * LETTERS.length)];
  return text;
}

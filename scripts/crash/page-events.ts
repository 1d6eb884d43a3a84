import type { EventBody } from "../../collector/event/batch.ts";
import { hash53 } from "../../collector/stream/hash.ts";
import { HOUR_MS } from "../../collector/stream/pane.ts";
import { pick, type Random } from "../shopper/chance.ts";
import { seeded } from "../shopper/seeded.ts";

const INVALID_SHARE = 0.02;
const ITEMS = 40;
const EVENT_GAP_MS = 50;
/** Most pages send what happens now; some come back from a time without a connection. */
const AGES_MS = [0, 0, 0, 0, 0, 0, HOUR_MS, 5 * HOUR_MS];

/** Everything about an event follows from its identity, so that it is the same each time it is sent. */
function drawsOf(stream: string, seq: number): Random {
  return seeded(hash53(`${stream}/${seq}`) >>> 0);
}

/** Some events are rejected: they must be counted as well, and stay out of reports and lake. */
export function isInvalid(stream: string, seq: number): boolean {
  return drawsOf(stream, seq)() < INVALID_SHARE;
}

/** One event of a page that was opened at `bornAtMs`. */
export function eventOf(stream: string, seq: number, bornAtMs: number, orders: string): EventBody {
  const random = drawsOf(stream, seq);
  const isBad = random() < INVALID_SHARE;
  const occurredAtMs = bornAtMs - pick(AGES_MS, seeded(hash53(stream) >>> 0)) + seq * EVENT_GAP_MS;
  if (isBad) return { name: "purchase", occurredAtMs, currency: "EUR", valueMinor: 100 };
  const number = Math.floor(random() ** 2 * ITEMS);
  const items = [{ itemId: `sku-${number}`, priceMinor: 500 + 35 * number, quantity: 1 + (seq % 3) }];
  const roll = random();
  if (roll < 0.4) return { name: "page_view", occurredAtMs, title: `Product ${number}` };
  if (roll < 0.8) return { name: "view_item", occurredAtMs, pageView: true, currency: "EUR", items };
  if (roll < 0.93) return { name: "add_to_cart", occurredAtMs, currency: "EUR", items };
  // One order in three is claimed again by another page of the session, as a reloaded "thank you" page does.
  const transactionId = random() < 0.33 ? `${orders}-${seq % 20}` : `${stream}-${seq}`;
  return { name: "purchase", occurredAtMs, currency: "EUR", valueMinor: 1000 + seq, transactionId, items };
}

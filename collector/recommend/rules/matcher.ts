import type { Where } from "../../event/rule-book.ts";
import { TAGS_MAX } from "../item-facts.ts";
import type { ItemTable } from "../item-table.ts";
import { NO_LABEL } from "../label-table.ts";

const DAY_S = 24 * 3600;

/** Whether the item in a slot is what a rule is about; `id` where it may have none (-1). */
export type Matcher = (slot: number, id?: string) => boolean;

/** Names become numbers once, so that each item costs a few comparisons. An empty `where` fits every item. */
export function matcherOf(where: Where, items: ItemTable, nowMs: number): Matcher {
  const { facts } = items;
  const tests: Matcher[] = [];
  const labels = (texts: readonly string[]) =>
    new Set(
      texts
        .map((text) => facts.labels.find(text.normalize("NFC").trim()))
        .filter((label) => label !== NO_LABEL),
    );
  if (where.id) {
    const slots = new Set(where.id.map((id) => items.find(id)));
    const ids = new Set(where.id);
    tests.push((slot, id = "") => (slot < 0 ? ids.has(id) : slots.has(slot)));
  }
  if (where.category) {
    const wanted = labels(where.category);
    tests.push((slot) => wanted.has(facts.category[slot] as number));
  }
  if (where.brand) {
    const wanted = labels(where.brand);
    tests.push((slot) => wanted.has(facts.brand[slot] as number));
  }
  if (where.tag) {
    const wanted = labels(where.tag);
    tests.push((slot) => {
      for (let at = slot * TAGS_MAX; at < (slot + 1) * TAGS_MAX; at++)
        if (wanted.has(facts.tags[at] as number)) return true;
      return false;
    });
  }
  if (where.price) {
    const { minMinor = 0, maxMinor = Number.POSITIVE_INFINITY, currency } = where.price;
    tests.push((slot) => {
      const price = facts.priceMinor[slot] as number;
      return price >= minMinor && price <= maxMinor && facts.currencyOf(slot) === currency;
    });
  }
  if (where.availability) {
    const wanted = where.availability;
    tests.push((slot) => (facts.availabilityOf(slot) ?? "unknown") === wanted);
  }
  if (where.ageDays) {
    const { min = 0, max = Number.POSITIVE_INFINITY } = where.ageDays;
    tests.push((slot) => {
      const addedAtS = facts.addedAtS[slot] as number;
      const days = (nowMs / 1000 - addedAtS) / DAY_S;
      return addedAtS > 0 && days >= min && days <= max;
    });
  }
  return (slot, id) => tests.every((test) => test(slot, id));
}

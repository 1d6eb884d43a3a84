/** What is known of an item, so that a strip can be drawn without a catalogue. */
export interface ItemFacts {
  name?: string | undefined;
  url?: string | undefined;
  image?: string | undefined;
  category?: string | undefined;
  priceMinor?: number | undefined;
  currency?: string | undefined;
}

/** Longest texts that are kept, in UTF-16 units. Names are cut; half a link leads nowhere, so links are left out. */
const NAME_LENGTH_MAX = 120;
const CATEGORY_LENGTH_MAX = 80;
const LINK_LENGTH_MAX = 600;

const SEPARATOR = "\u001f";
const FIELDS = ["name", "url", "image", "category", "priceMinor", "currency"] as const;

/**
 * Newer facts over older ones, as one text: a hundred thousand short objects would weigh three times as much.
 *
 * @param packed - what was known, "" for nothing
 */
export function mergeFacts(packed: string, facts: ItemFacts): string {
  const known = packed === "" ? [] : packed.split(SEPARATOR);
  const merged = FIELDS.map((field, at) => fieldText(field, facts[field]) || (known[at] ?? ""));
  // A price means nothing without its own currency, nor with that of another event.
  if (facts.priceMinor !== undefined) merged[5] = fieldText("currency", facts.currency);
  else merged[5] = known[5] ?? "";
  const text = merged.join(SEPARATOR);
  return text.length === FIELDS.length - 1 ? "" : text;
}

/** The facts without their address, when it is this one. */
export function withoutUrl(packed: string, url: string): string {
  const facts = packed.split(SEPARATOR);
  if (facts[1] !== fieldText("url", url) || !facts[1]) return packed;
  facts[1] = "";
  const text = facts.join(SEPARATOR);
  return text.length === FIELDS.length - 1 ? "" : text;
}

/** The facts that an answer shows, with only those properties that are known. */
export function shownFacts(packed: string): {
  name?: string;
  url?: string;
  image?: string;
  priceMinor?: number;
  currency?: string;
} {
  if (packed === "") return {};
  const [name, url, image, , price, currency] = packed.split(SEPARATOR);
  return {
    ...(name ? { name } : {}),
    ...(url ? { url } : {}),
    ...(image ? { image } : {}),
    ...(price ? { priceMinor: Number(price) } : {}),
    ...(price && currency ? { currency } : {}),
  };
}

function fieldText(field: (typeof FIELDS)[number], value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : "";
  const text = value.replaceAll(SEPARATOR, " ");
  if (field === "name") return text.slice(0, NAME_LENGTH_MAX);
  if (field === "category") return text.slice(0, CATEGORY_LENGTH_MAX);
  if (field === "currency") return text.length === 3 ? text : "";
  return text.length <= LINK_LENGTH_MAX ? text : "";
}

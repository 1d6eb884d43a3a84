import type { Availability } from "../event/availability.ts";
import type { Item } from "../event/event.ts";
import { ITEMS_MAX, QUANTITY_MAX, TEXT_LENGTH_MAX, URL_LENGTH_MAX } from "../event/limits.ts";
import { readAmount } from "./amount.ts";
import { availabilityOf } from "./availability.ts";
import { type Field, isGiven, isObject, type Pseudonym, readId, readText } from "./fields.ts";
import { fix, type Notes, reject, repair } from "./notes.ts";
import { maskAssetUrl } from "./privacy/mask-url.ts";

export type ItemField =
  | "itemId"
  | "name"
  | "brand"
  | "category"
  | "variant"
  | "url"
  | "image"
  | "price"
  | "priceMinor"
  | "quantity"
  | "availability";

/** Names of an item's fields when they stand on the event itself, as a shorthand for one item. */
export const ITEM_SHORTHANDS: ReadonlyMap<string, ItemField> = new Map<string, ItemField>([
  ["itemId", "itemId"],
  ["item_id", "itemId"],
  ["itemName", "name"],
  ["item_name", "name"],
  ["itemBrand", "brand"],
  ["item_brand", "brand"],
  ["itemCategory", "category"],
  ["item_category", "category"],
  ["itemVariant", "variant"],
  ["item_variant", "variant"],
  ["itemUrl", "url"],
  ["item_url", "url"],
  ["itemImage", "image"],
  ["item_image", "image"],
  ["price", "price"],
  ["priceMinor", "priceMinor"],
  ["price_minor", "priceMinor"],
  ["quantity", "quantity"],
  ["itemAvailability", "availability"],
  ["item_availability", "availability"],
]);

/** Names inside `items[]`; the short ones are Segment's. */
const ITEM_NAMES: ReadonlyMap<string, ItemField> = new Map<string, ItemField>([
  ...ITEM_SHORTHANDS,
  ["id", "itemId"],
  ["name", "name"],
  ["brand", "brand"],
  ["category", "category"],
  ["variant", "variant"],
  ["url", "url"],
  ["image", "image"],
  ["availability", "availability"],
]);

export interface ItemContext {
  currency: string | undefined;
  currencyPointer: string;
  pseudonym: Pseudonym | undefined;
}

export function readItems(field: Field, context: ItemContext, notes: Notes): Item[] | undefined {
  if (!isGiven(field)) return undefined;
  const list = itemList(field, notes);
  if (list === undefined) return reject(notes, field.pointer, "items_invalid");
  if (list.length > ITEMS_MAX) return reject(notes, field.pointer, "items_too_many");
  const items: Item[] = [];
  for (let at = 0; at < list.length && !notes.finding; at++) {
    const { value, pointer } = list[at] as Field;
    const item = isObject(value)
      ? readItem(itemFields(value, pointer, notes), pointer, context, notes)
      : reject(notes, pointer, "items_invalid");
    // Of its own item a page knows; what lists and carts say of others may be long ago.
    if (item?.availability && items.length > 0) {
      delete item.availability;
      fix(notes, "items:fields_dropped");
    }
    if (item) items.push(item);
  }
  return items.length > 0 ? items : undefined;
}

/** The entries of `items`. One object may be the one item; PHP writes a list with gaps as `{"0": …, "2": …}`. */
function itemList(field: Field, notes: Notes): Field[] | undefined {
  const { value, pointer } = field;
  if (Array.isArray(value)) return value.map((entry, at) => ({ value: entry, pointer: `${pointer}/${at}` }));
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.some((key) => ITEM_NAMES.get(key) === "itemId"))
    return repair(notes, "singleItem", "items:single", field) ? [field] : undefined;
  const isNumbered = keys.length > 0 && keys.every((key) => /^\d{1,6}$/.test(key));
  if (!isNumbered || !repair(notes, "singleItem", "items:numbered", field)) return undefined;
  return keys.map((key) => ({ value: value[key], pointer: `${pointer}/${key}` }));
}

/** One item; undefined and a finding when it is rejected. */
export function readItem(
  fields: Map<ItemField, Field>,
  pointer: string,
  context: ItemContext,
  notes: Notes,
): Item | undefined {
  const missing = { pointer: `${pointer}/itemId`, code: "item_id_missing" } as const;
  const itemId = readId(fields.get("itemId"), "itemId", notes, missing, context.pseudonym);
  const quantity = readQuantity(fields.get("quantity"), notes);
  if (itemId === undefined || quantity === undefined) return undefined;
  const item: Item = { itemId, quantity };
  for (const name of ["name", "brand", "category", "variant"] as const) {
    const text = readText(fields.get(name), `items.${name}`, TEXT_LENGTH_MAX, notes);
    if (text !== undefined) item[name] = text;
  }
  for (const name of ["url", "image"] as const) {
    const address = readAddress(fields.get(name), name, notes);
    if (address !== undefined) item[name] = address;
  }
  const price = { minor: fields.get("priceMinor"), major: fields.get("price") };
  const priceMinor = readAmount(price, "price", context.currency, context.currencyPointer, notes);
  if (priceMinor !== undefined) item.priceMinor = priceMinor;
  const availability = readAvailability(fields.get("availability"), notes);
  if (availability !== undefined) item.availability = availability;
  return notes.finding ? undefined : item;
}

function itemFields(item: object, pointer: string, notes: Notes): Map<ItemField, Field> {
  const fields = new Map<ItemField, Field>();
  for (const key in item) {
    if (!Object.hasOwn(item, key)) continue;
    const value = (item as Record<string, unknown>)[key];
    const name = ITEM_NAMES.get(key);
    if (name === undefined) fix(notes, "items:fields_dropped");
    else if (!isGiven(fields.get(name))) fields.set(name, { value, pointer: `${pointer}/${key}` });
  }
  return fields;
}

function readQuantity(field: Field | undefined, notes: Notes): number | undefined {
  if (!isGiven(field)) return 1;
  const isText = typeof field.value === "string" && /^\s*\d{1,7}(?:\.0{1,4})?\s*$/.test(field.value);
  const isRead = isText && repair(notes, "numberText", "quantity:number", field);
  const quantity = isRead ? Number(field.value) : field.value;
  const isValid =
    typeof quantity === "number" && Number.isInteger(quantity) && quantity >= 1 && quantity <= QUANTITY_MAX;
  return isValid ? quantity : reject(notes, field.pointer, "quantity_invalid");
}

/** What cannot be read is left out: nothing is lost by it but a hint. */
function readAvailability(field: Field | undefined, notes: Notes): Availability | undefined {
  if (!isGiven(field)) return undefined;
  const availability = availabilityOf(field.value);
  if (availability === undefined) fix(notes, "items.availability:dropped");
  return availability;
}

/** A strip draws these as link and picture, so only web addresses and paths pass: no `javascript:`, no `data:`. */
function readAddress(field: Field | undefined, name: "url" | "image", notes: Notes): string | undefined {
  const address = readText(field, `items.${name}`, URL_LENGTH_MAX, notes, maskAssetUrl);
  if (address === undefined) return undefined;
  const scheme = /^([^/?#]*):/.exec(address)?.[1];
  if (scheme === undefined || /^https?$/i.test(scheme)) return address;
  fix(notes, `items.${name}:dropped`);
  return undefined;
}

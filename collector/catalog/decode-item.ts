import { AVAILABILITIES } from "../event/availability.ts";
import type { CatalogCode, CatalogItem } from "../event/catalog.ts";
import { CURRENCY_EXPONENTS } from "../event/currencies.ts";
import { OCCURRED_AHEAD_MAX_MS, OCCURRED_AT_MIN_MS } from "../event/limits.ts";
import { toMinor, VALUE_MINOR_MAX } from "../event/money.ts";
import { fail, ok, type Result } from "../event/result.ts";
import { idText, isObject } from "../ingest/fields.ts";
import {
  ITEM_NAME_LENGTH_MAX,
  LABEL_LENGTH_MAX,
  LINK_LENGTH_MAX,
  TAGS_MAX,
} from "../recommend/item-facts.ts";

/** What a call changes of one item: what it does not name stays, `null` takes a field back. */
export interface CatalogPatch {
  id: string;
  /** True deletes, false brings a deleted item back. */
  deleted?: boolean;
  fields: { [field in keyof Fields]?: Fields[field] | null };
}

type Fields = Omit<CatalogItem, "id" | "backInStockAtMs" | "deletedAtMs">;
interface Refusal {
  /** From the item on. */
  pointer: string;
  code: CatalogCode;
}

const CUT: ReadonlyMap<string, number> = new Map([
  ["name", ITEM_NAME_LENGTH_MAX],
  ["category", LABEL_LENGTH_MAX],
  ["brand", LABEL_LENGTH_MAX],
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get in
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
/** Characters of a text that is no label but a mistake. */
const TEXT_LENGTH_MAX = 2048;

/**
 * Reads one item of a call, which is `unknown` until here.
 *
 * @param idOf - the id as events have it; undefined when it cannot be one
 */
export function decodeItem(
  input: unknown,
  nowMs: number,
  idOf: (id: string) => string | undefined = idText,
): Result<CatalogPatch, Refusal> {
  if (!isObject(input)) return fail({ pointer: "", code: "item_invalid" });
  if (input.id === undefined || input.id === null || input.id === "")
    return fail({ pointer: "/id", code: "item_id_missing" });
  const text = idText(input.id);
  const id = text === undefined ? undefined : idOf(text);
  if (id === undefined) return fail({ pointer: "/id", code: "id_invalid" });
  const patch: CatalogPatch = { id, fields: {} };
  for (const [field, value] of Object.entries(input)) {
    if (field === "id") continue;
    const code = readField(patch, field, value, input, nowMs);
    if (code !== undefined) return fail({ pointer: code === "field_unknown" ? "" : `/${field}`, code });
  }
  return ok(patch);
}

/** Puts one field into the patch, or says why it cannot. */
function readField(
  patch: CatalogPatch,
  field: string,
  value: unknown,
  input: Record<string, unknown>,
  nowMs: number,
): CatalogCode | undefined {
  const { fields } = patch;
  switch (field) {
    case "name":
    case "category":
    case "brand":
      return put(fields, field, value, isText, (text) => cleaned(text).slice(0, CUT.get(field)));
    case "url":
    case "image":
      return put(fields, field, value, isAddress, (text) => text.trim());
    case "availability":
      return put(fields, field, value, isAvailability, (availability) => availability);
    case "hidden":
      return put(fields, field, value, isBoolean, (hidden) => hidden);
    case "tags":
      return put(fields, field, value, isTags, (tags) => [
        ...new Set(tags.map((tag) => cleaned(tag).slice(0, LABEL_LENGTH_MAX)).filter((tag) => tag !== "")),
      ]);
    case "addedAtMs":
      return put(
        fields,
        field,
        value,
        (atMs): atMs is number =>
          Number.isSafeInteger(atMs) &&
          (atMs as number) >= OCCURRED_AT_MIN_MS &&
          (atMs as number) <= nowMs + OCCURRED_AHEAD_MAX_MS,
        (atMs) => atMs,
      );
    case "deleted":
      if (!isBoolean(value)) return "field_invalid";
      patch.deleted = value;
      return undefined;
    case "price":
    case "priceMinor":
      return readPrice(patch, field, value, input.currency);
    case "currency":
      if (value === null || (typeof value === "string" && CURRENCY_EXPONENTS.has(value)))
        return input.price === undefined && input.priceMinor === undefined ? "field_invalid" : undefined;
      return "currency_unknown";
    default:
      return "field_unknown";
  }
}

/** A price comes with its currency, in minor units or, as `price`, in major ones. */
function readPrice(
  { fields }: CatalogPatch,
  field: "price" | "priceMinor",
  value: unknown,
  currency: unknown,
): CatalogCode | undefined {
  if (value === null) {
    fields.priceMinor = null;
    fields.currency = null;
    return undefined;
  }
  if (typeof value !== "number" && !(field === "price" && typeof value === "string")) return "money_invalid";
  if (currency === undefined || currency === null) return "currency_missing";
  if (typeof currency !== "string" || !CURRENCY_EXPONENTS.has(currency)) return "currency_unknown";
  const minor = field === "price" ? toMinor(value, currency) : ok({ valueMinor: value as number });
  if (!minor.ok) return "money_invalid";
  const { valueMinor } = minor.value;
  if (!Number.isSafeInteger(valueMinor) || Math.abs(valueMinor) > VALUE_MINOR_MAX) return "money_invalid";
  if (valueMinor < 0) return "price_negative";
  fields.priceMinor = valueMinor;
  fields.currency = currency;
  return undefined;
}

function put<Field extends keyof Fields, Value>(
  fields: CatalogPatch["fields"],
  field: Field,
  value: unknown,
  isValid: (value: unknown) => value is Value,
  kept: (value: Value) => Fields[Field],
): CatalogCode | undefined {
  if (value !== null && !isValid(value)) return "field_invalid";
  const read = value === null ? undefined : kept(value);
  fields[field] = read === undefined || read === "" ? null : read;
  return undefined;
}

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.length <= TEXT_LENGTH_MAX;
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
const isAvailability = (value: unknown): value is "in_stock" | "out_of_stock" =>
  (AVAILABILITIES as readonly unknown[]).includes(value);
const isTags = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= TAGS_MAX && value.every(isText);

/** A strip draws these as link and picture, so only web addresses and paths pass: no `javascript:`, no `data:`. */
function isAddress(value: unknown): value is string {
  if (typeof value !== "string" || value.length > LINK_LENGTH_MAX || !value.isWellFormed()) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers leave them out, and what follows is a scheme
  if (/[\u0000-\u001f\u007f]/.test(value)) return false;
  const scheme = /^([^/?#]*):/.exec(value.trim())?.[1];
  return scheme === undefined || /^https?$/i.test(scheme);
}

/** Controls are no text. */
function cleaned(text: string): string {
  return text.toWellFormed().normalize("NFC").replaceAll(CONTROLS, " ").trim();
}

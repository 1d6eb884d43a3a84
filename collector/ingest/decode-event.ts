import type { EventDefaults, Item, TidemarkEvent } from "../event/event.ts";
import {
  NAME_LENGTH_MAX,
  PROPS_MAX,
  REJECT_PAYLOAD_LENGTH_MAX,
  TEXT_LENGTH_MAX,
  URL_LENGTH_MAX,
} from "../event/limits.ts";
import { VALUE_MINOR_MAX } from "../event/money.ts";
import type { Reject } from "../event/reject.ts";
import { fail, ok, type Result } from "../event/result.ts";
import { readAmount, readCurrency } from "./amount.ts";
import { type Field, isGiven, isObject, type Pseudonym, readId, readText } from "./fields.ts";
import type { FixSwitches } from "./fix-rules.ts";
import { ITEM_SHORTHANDS, type ItemContext, type ItemField, readItem, readItems } from "./items.ts";
import { campaignOf, pathOf } from "./location.ts";
import { fix, type Notes, newNotes, reject, repair } from "./notes.ts";
import { maskedWhole } from "./privacy/mask-json.ts";
import { maskText } from "./privacy/mask-text.ts";
import { maskUrl } from "./privacy/mask-url.ts";
import type { Work } from "./privacy/work.ts";
import { readProps } from "./props.ts";
import { standardName } from "./standard-name.ts";
import { eventTimeMs } from "./time.ts";

/** What an event inherits from its batch. */
export interface EventContext extends EventDefaults {
  receivedAtMs: number;
  pseudonym?: Pseudonym;
  /** Corrections that the site does not want. */
  fixes?: FixSwitches;
  /** Corrections of the batch that concern each of its events. */
  batchFixes?: readonly string[];
  /** What masking may still cost in this batch. */
  work: Work;
}

type EventField =
  | "name"
  | "occurredAt"
  | "pageView"
  | "url"
  | "title"
  | "referrer"
  | "searchTerm"
  | "itemListId"
  | "currency"
  | "value"
  | "valueMinor"
  | "transactionId"
  | "items";

const EVENT_NAMES: ReadonlyMap<string, EventField> = new Map<string, EventField>([
  ["name", "name"],
  ["occurredAtMs", "occurredAt"],
  ["occurred_at_ms", "occurredAt"],
  ["occurredAt", "occurredAt"],
  ["occurred_at", "occurredAt"],
  ["pageView", "pageView"],
  ["page_view", "pageView"],
  ["url", "url"],
  ["page_location", "url"],
  ["title", "title"],
  ["page_title", "title"],
  ["referrer", "referrer"],
  ["page_referrer", "referrer"],
  ["searchTerm", "searchTerm"],
  ["search_term", "searchTerm"],
  ["itemListId", "itemListId"],
  ["item_list_id", "itemListId"],
  ["currency", "currency"],
  ["value", "value"],
  ["valueMinor", "valueMinor"],
  ["value_minor", "valueMinor"],
  ["transactionId", "transactionId"],
  ["transaction_id", "transactionId"],
  ["items", "items"],
]);

/** GA4 puts parameters on the event or one level down; own properties may have a place of their own. */
const NESTS: ReadonlySet<string> = new Set(["params", "ecommerce"]);
const PROPS_NESTS: ReadonlySet<string> = new Set(["props", "properties"]);
/** Extras looked at before the rest is dropped; more than are kept, since some are empty or not allowed. */
const EXTRAS_MAX: number = PROPS_MAX * 2;

interface Fields {
  known: Map<EventField, Field>;
  item: Map<ItemField, Field>;
  extras: [string, Field][];
}

/** One event as the contract wants it, or the first reason against it with its masked payload. */
export function decodeEvent(
  raw: unknown,
  seq: number,
  pointer: string,
  context: EventContext,
): Result<TidemarkEvent, Reject> {
  const notes = newNotes(context.work, context.fixes, pointer);
  const event = isObject(raw) ? readEvent(raw, seq, pointer, context, notes) : undefined;
  if (!isObject(raw)) reject(notes, pointer, "event_not_object");
  if (event && !notes.finding) return ok(event);
  const finding = notes.finding ?? { pointer, code: "field_invalid" };
  const { json, isCut } = maskedWhole(raw, REJECT_PAYLOAD_LENGTH_MAX, URL_LENGTH_MAX, context.work);
  return fail({ seq, ...finding, payload: json, ...(isCut ? { cut: true } : {}) });
}

function readEvent(
  raw: object,
  seq: number,
  pointer: string,
  context: EventContext,
  notes: Notes,
): TidemarkEvent | undefined {
  const fields = collectFields(raw, pointer, notes);
  const { known } = fields;
  const name = readName(known.get("name"), pointer, notes);
  const occurredAt = known.get("occurredAt") ?? { value: undefined, pointer: `${pointer}/occurredAtMs` };
  const time = eventTimeMs(occurredAt.value, context.skewMs, context.receivedAtMs, notes.switches);
  if (!time.ok) reject(notes, occurredAt.pointer, time.reason);
  if (name === undefined || !time.ok || notes.finding) return undefined;
  if (time.value.isText) fix(notes, "occurredAt:text");
  if (time.value.isNumberText) repair(notes, "numberText", "occurredAt:number", occurredAt);
  if (time.value.unit) repair(notes, "timeUnit", `occurredAt:${time.value.unit}`, occurredAt);
  if (context.skewMs !== 0) fix(notes, "occurredAt:skew");
  for (const what of context.batchFixes ?? []) fix(notes, what);

  const pageView = known.get("pageView");
  const event: TidemarkEvent = {
    seq,
    name,
    occurredAtMs: time.value.occurredAtMs,
    isPageView: name === "page_view" || pageView?.value === true,
  };
  readPage(event, known, context, notes);
  const searchTerm = readText(known.get("searchTerm"), "searchTerm", TEXT_LENGTH_MAX, notes);
  if (searchTerm !== undefined) event.searchTerm = searchTerm;
  const itemListId = readId(known.get("itemListId"), "itemListId", notes, undefined, context.pseudonym);
  if (itemListId !== undefined) event.itemListId = itemListId;
  readCommerce(event, fields, pointer, context, notes);
  const props = readProps(fields.extras, notes);
  if (props !== undefined) event.props = props;
  if (notes.fixes.size > 0) event.fixes = [...notes.fixes];
  if (notes.originals !== undefined) event.originals = notes.originals;
  return event;
}

/** Sorts what was sent into known fields and extras. Flat fields come before nested ones. */
function collectFields(raw: object, pointer: string, notes: Notes): Fields {
  const fields: Fields = { known: new Map(), item: new Map(), extras: [] };
  collect(raw, pointer, fields, notes, true);
  for (const key of [...NESTS, ...PROPS_NESTS]) {
    const nested = Object.hasOwn(raw, key) ? (raw as Record<string, unknown>)[key] : undefined;
    if (nested === undefined || nested === null) continue;
    if (!isObject(nested)) reject(notes, `${pointer}/${key}`, "field_invalid");
    else collect(nested, `${pointer}/${key}`, fields, notes, NESTS.has(key));
  }
  // Without an id there is no item, so its fields are properties like others.
  if (!fields.item.has("itemId") || isGiven(fields.known.get("items"))) {
    for (const field of fields.item.values()) addExtra(fields, lastToken(field.pointer), field, notes);
    fields.item.clear();
  }
  return fields;
}

function collect(source: object, pointer: string, fields: Fields, notes: Notes, isContract: boolean): void {
  for (const key in source) {
    if (!Object.hasOwn(source, key)) continue;
    const isNest = NESTS.has(key) || PROPS_NESTS.has(key);
    if (isContract && isNest) continue;
    const known = isContract ? EVENT_NAMES.get(key) : undefined;
    const item = isContract ? ITEM_SHORTHANDS.get(key) : undefined;
    const field: Field = { value: (source as Record<string, unknown>)[key], pointer: "" };
    if (known !== undefined || item !== undefined) field.pointer = `${pointer}/${key}`;
    if (known !== undefined) setFirst(fields.known, known, field);
    else if (item !== undefined) setFirst(fields.item, item, field);
    else addExtra(fields, key, field, notes);
  }
}

function setFirst<Key>(map: Map<Key, Field>, key: Key, field: Field): void {
  if (!isGiven(map.get(key))) map.set(key, field);
}

function addExtra(fields: Fields, key: string, field: Field, notes: Notes): void {
  if (fields.extras.length < EXTRAS_MAX) fields.extras.push([key, field]);
  else fix(notes, "props:dropped");
}

function lastToken(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf("/") + 1);
}

const NAME = /^\p{L}[\p{L}\p{M}\p{N}_ .:/-]*$/u;

function readName(field: Field | undefined, pointer: string, notes: Notes): string | undefined {
  if (!isGiven(field)) return reject(notes, `${pointer}/name`, "name_missing");
  const name = typeof field.value === "string" ? field.value.trim().normalize("NFC") : "";
  const isValid = name.length <= NAME_LENGTH_MAX && NAME.test(name) && maskText(name) === name;
  const isSpaced = typeof field.value === "string" && field.value.trim() !== field.value;
  if (!isValid || (isSpaced && !repair(notes, "trim", "name:trim", field)))
    return reject(notes, field.pointer, "name_invalid");
  const standard = standardName(name);
  if (standard === undefined || standard === name) return name;
  // Where this is not wanted the name is the shop's own, as any other.
  return repair(notes, "case", "name:case", field) ? standard : name;
}

function readPage(
  event: TidemarkEvent,
  known: Map<EventField, Field>,
  context: EventContext,
  notes: Notes,
): void {
  const url = readText(known.get("url"), "url", URL_LENGTH_MAX, notes, maskUrl) ?? context.url;
  if (url !== undefined) {
    event.url = url;
    event.path = pathOf(url);
    const campaign = campaignOf(url);
    if (campaign !== undefined) event.campaign = campaign;
  }
  const title = readText(known.get("title"), "title", TEXT_LENGTH_MAX, notes) ?? context.title;
  if (title !== undefined) event.title = title;
  const referrer =
    readText(known.get("referrer"), "referrer", URL_LENGTH_MAX, notes, maskUrl) ?? context.referrer;
  if (referrer !== undefined) event.referrer = referrer;
}

function readCommerce(
  event: TidemarkEvent,
  fields: Fields,
  pointer: string,
  context: EventContext,
  notes: Notes,
): void {
  const { known } = fields;
  const currency = readCurrency(known.get("currency"), notes);
  if (currency !== undefined) event.currency = currency;
  const currencyPointer = `${pointer}/currency`;
  const itemContext: ItemContext = { currency, currencyPointer, pseudonym: context.pseudonym };
  const list = known.get("items");
  const items = isGiven(list)
    ? readItems(list, itemContext, notes)
    : readShorthand(fields, pointer, itemContext, notes);
  if (items !== undefined) event.items = items;
  const amount = { minor: known.get("valueMinor"), major: known.get("value") };
  const valueMinor = readAmount(amount, "value", currency, currencyPointer, notes);
  if (valueMinor !== undefined) event.valueMinor = valueMinor;

  const isPurchase = event.name === "purchase";
  // Without a currency an order is no money, not even none.
  if (isPurchase && currency === undefined && !notes.finding)
    reject(notes, currencyPointer, "currency_missing");
  // Money counts once per order, so an order without an id cannot be counted at all.
  const missing = isPurchase
    ? ({ pointer: `${pointer}/transactionId`, code: "id_invalid" } as const)
    : undefined;
  const orderId = readId(known.get("transactionId"), "transactionId", notes, missing, context.pseudonym);
  if (orderId !== undefined) event.orderId = orderId;
  if (isPurchase && valueMinor === undefined) deriveValue(event, pointer, notes);
}

function readShorthand(
  fields: Fields,
  pointer: string,
  context: ItemContext,
  notes: Notes,
): Item[] | undefined {
  if (fields.item.size === 0 || !isGiven(fields.item.get("itemId"))) return undefined;
  const item = readItem(fields.item, pointer, context, notes);
  return item && [item];
}

/** A purchase without a value is worth the sum of its items. */
function deriveValue(event: TidemarkEvent, pointer: string, notes: Notes): void {
  const priced = (event.items ?? []).filter((item) => item.priceMinor !== undefined);
  if (priced.length === 0) return;
  const sum = priced.reduce(
    (total, item) => total + BigInt(item.priceMinor ?? 0) * BigInt(item.quantity),
    0n,
  );
  if (sum > BigInt(VALUE_MINOR_MAX)) {
    reject(notes, `${pointer}/items`, "money_invalid");
    return;
  }
  event.valueMinor = Number(sum);
  fix(notes, "value:derived");
}

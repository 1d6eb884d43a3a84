import { pick } from "../fuzz/input.ts";
import type { Random } from "../shopper/chance.ts";
import { CANARY_KINDS, type Canary, type CanaryKind } from "./canary.ts";

export interface CanaryRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Somewhere that input comes in. */
export interface Place {
  name: string;
  /** What is promised not to stay, in this place. */
  kinds: readonly CanaryKind[];
  request(canary: Canary, at: At): CanaryRequest;
}

export interface At {
  random: Random;
  /** Different for each request. */
  id: string;
  nowMs: number;
}

/** Text: all of them. Ids of things: what no shop makes an id of. Ids of people: also what a shop would. */
const IN_TEXT = CANARY_KINDS;
const IN_ID: readonly CanaryKind[] = ["email", "card"];
const IN_PERSON_ID: readonly CanaryKind[] = [
  ...IN_ID,
  "international phone",
  "iban",
  "IPv4 address",
  "IPv6 address",
];

const READ = { authorization: "Bearer rk_demo" };
const ADMIN = { authorization: "Bearer sk_demo" };

function batch(
  at: At,
  fields: Record<string, unknown>,
  envelope: Record<string, unknown> = {},
): CanaryRequest {
  const { id, nowMs } = at;
  const event = { name: "view_item", occurredAtMs: nowMs, itemId: "p1", ...fields };
  const body = { session: `s-${id}`, stream: `st-${id}`, seq: 0, events: [event], ...envelope };
  return { method: "POST", path: "/v1/batches?key=wk_demo", body: JSON.stringify(body) };
}

function text(name: string, fields: (text: string) => Record<string, unknown>): Place {
  return { name, kinds: IN_TEXT, request: ({ text }, at) => batch(at, fields(`see ${text} now`)) };
}

function id(name: string, fields: (text: string) => Record<string, unknown>): Place {
  return { name, kinds: IN_ID, request: (canary, at) => batch(at, fields(bare(canary))) };
}

function envelope(
  name: string,
  kinds: readonly CanaryKind[],
  fields: (text: string) => Record<string, unknown>,
): Place {
  return {
    name,
    kinds,
    request: (canary, at) => batch(at, {}, fields(kinds === IN_TEXT ? canary.text : bare(canary))),
  };
}

/** Rejected, so that its payload is kept in quarantine. */
function rejected(name: string, fields: (text: string) => Record<string, unknown>): Place {
  return text(`rejected ${name}`, (value) => ({ ...fields(value), occurredAtMs: 5 }));
}

function get(
  name: string,
  kinds: readonly CanaryKind[],
  path: (encoded: string) => string,
  headers?: Record<string, string>,
): Place {
  return {
    name,
    kinds,
    request: (canary) => ({
      method: "GET",
      path: path(encodeURIComponent(kinds === IN_TEXT ? canary.text : bare(canary))),
      ...(headers === undefined ? {} : { headers }),
    }),
  };
}

function header(name: string): Place {
  return {
    name: `header ${name}`,
    kinds: IN_TEXT,
    request: ({ text }, at) => ({
      ...batch(at, {}),
      headers: { [name]: text.replace(/[^\x20-\x7e]/g, "u") },
    }),
  };
}

function refused(
  name: string,
  body: (text: string, at: At) => string,
  path = "/v1/batches?key=wk_demo",
): Place {
  return {
    name: `refused ${name}`,
    kinds: IN_TEXT,
    request: ({ text }, at) => ({ method: "POST", path, body: body(text, at) }),
  };
}

/** An id is the thing itself: no sentence around it. */
function bare({ text }: Canary): string {
  return text.replace(/^.*<|>$|^from |:443$|^\[|\]$/g, "");
}

const encode = encodeURIComponent;

/** Every way in. What is new in /openapi.json or in a batch belongs here as well. */
export const PLACES: readonly Place[] = [
  ...["url", "page_location"].flatMap((field) => [
    text(`${field} query`, (value) => ({ [field]: `https://shop.example/p?a=1&q=${encode(value)}` })),
    text(`${field} path`, (value) => ({ [field]: `https://shop.example/u/${encode(value)}/orders` })),
    text(`${field} hash`, (value) => ({ [field]: `https://shop.example/p#/r?x=${encode(value)}` })),
  ]),
  text("url twice encoded", (value) => ({
    url: `/go?to=${encode(`https://b.example/?a=${encode(value)}`)}`,
  })),
  text("url campaign", (value) => ({ url: `/p?utm_source=${encode(value)}&utm_campaign=${encode(value)}` })),
  text("url user", (value) => ({ url: `https://${encode(value)}:pw@shop.example/` })),
  text("title", (value) => ({ title: value })),
  text("referrer", (value) => ({ referrer: `https://www.example/search?q=${encode(value)}` })),
  text("searchTerm", (value) => ({ searchTerm: value })),
  text("item name", (value) => ({ items: [{ itemId: "p1", itemName: value }] })),
  text("item brand", (value) => ({
    items: [{ itemId: "p1", itemBrand: value, itemCategory: value, itemVariant: value }],
  })),
  text("item url", (value) => ({
    items: [{ itemId: "p1", itemUrl: `/p?q=${encode(value)}`, itemImage: `/i.jpg?t=${encode(value)}` }],
  })),
  text("item field unknown", (value) => ({ items: [{ itemId: "p1", note: value }] })),
  text("props value", (value) => ({ props: { note: value } })),
  text("props key", (value) => ({ props: { [value.slice(4, -4)]: 1 } })),
  text("props nested", (value) => ({ props: { form: { fields: [value, { deep: value }] } } })),
  text("props nested key", (value) => ({ props: { form: { [value]: 1 } } })),
  text("custom field", (value) => ({ errorMessage: value, stack: `Error: ${value}\n    at x (app.js:1:2)` })),
  text("params", (value) => ({ params: { note: value, ecommerce: { note: value } } })),
  text("long text", (value) => ({
    title: `${"long ".repeat(98)}${value}`,
    props: { note: `${"long ".repeat(405)}${value}` },
  })),
  text("event name", (value) => ({ name: value })),
  text("currency", (value) => ({ currency: value, value: 1 })),
  text("value", (value) => ({ currency: "EUR", value })),
  text("occurredAtMs", (value) => ({ occurredAtMs: value })),
  text("quantity", (value) => ({ items: [{ itemId: "p1", quantity: value }] })),
  text("items is text", (value) => ({ items: value })),
  id("item id", (value) => ({ itemId: value })),
  id("item ids", (value) => ({ items: [{ itemId: value }, { id: value }] })),
  id("order id", (value) => ({ name: "purchase", transactionId: value, currency: "EUR", value: 5 })),
  id("list id", (value) => ({ itemListId: value })),
  rejected("title", (value) => ({ title: value })),
  rejected("props", (value) => ({ props: { note: value, [value]: value } })),
  rejected("url", (value) => ({ url: `https://shop.example/p?q=${encode(value)}` })),
  rejected("nested", (value) => ({ a: { b: [{ c: value }] } })),
  rejected("name", (value) => ({ name: value })),
  {
    name: "rejected card as number",
    kinds: ["card"],
    request: ({ text }, at) =>
      batch(at, { occurredAtMs: 5, note: Number(text.replace(/\D/g, "").slice(0, 16)) }),
  },
  envelope("visitor", IN_PERSON_ID, (value) => ({ visitor: value })),
  envelope("user", IN_PERSON_ID, (value) => ({ user: value })),
  envelope("session", IN_PERSON_ID, (value) => ({ session: value })),
  envelope("stream", IN_PERSON_ID, (value) => ({ stream: value })),
  envelope("source", IN_TEXT, (value) => ({ source: `x ${value}` })),
  envelope("context", IN_TEXT, (value) => ({
    context: {
      url: `/p?q=${encode(value)}`,
      title: value,
      referrer: `/r?q=${encode(value)}`,
      language: value,
      screen: value,
      other: value,
    },
  })),
  envelope("dropped", IN_TEXT, (value) => ({ dropped: { [value]: 3, quota: 1 } })),
  envelope("unknown field", IN_TEXT, (value) => ({ extra: value })),
  envelope("event that is text", IN_TEXT, (value) => ({ events: [value, { name: "x", note: value }] })),
  refused("JSON", (value) => `{"session":"${value}`),
  refused("envelope", (value) => JSON.stringify({ session: "", stream: value, seq: value, events: value })),
  refused("deep", (value) => `{"a":${"[".repeat(40)}"${value.replace(/[\\"]/g, "")}"${"]".repeat(40)}}`),
  refused("large", (value) => JSON.stringify({ title: value + "x".repeat(600_000) })),
  refused("key in body", (value) => JSON.stringify({ key: value, session: "s", events: [] }), "/v1/batches"),
  ...[
    "authorization",
    "cookie",
    "user-agent",
    "x-forwarded-for",
    "cf-connecting-ip",
    "accept-language",
    "referer",
    "origin",
    "x-request-id",
    "content-type",
    "forwarded",
  ].map(header),
  get("query key", IN_TEXT, (value) => `/v1/batches/st?session=s&key=${value}`),
  get(
    "query unknown",
    IN_TEXT,
    (value) => `/v1/recommendations?key=wk_demo&session=s&utm=${value}&${value}=1`,
  ),
  get("probe stream", IN_PERSON_ID, (value) => `/v1/batches/${value}?key=wk_demo`),
  get("probe session", IN_TEXT, (value) => `/v1/batches/st?key=wk_demo&session=${value}`),
  get("recommendations session", IN_TEXT, (value) => `/v1/recommendations?key=wk_demo&session=${value}`),
  get(
    "recommendations item",
    IN_TEXT,
    (value) => `/v1/recommendations?key=wk_demo&item=${value}&recent=${value},p1`,
  ),
  get(
    "recommendations placement",
    IN_TEXT,
    (value) => `/v1/recommendations?key=wk_demo&placement=${value}&limit=${value}`,
  ),
  refused(
    "rank question",
    (value) => JSON.stringify({ session: value, items: [value.repeat(20)], recent: [value] }),
    "/v1/rank?key=wk_demo",
  ),
  {
    name: "rank session",
    kinds: IN_PERSON_ID,
    request: (canary) => ({
      method: "POST",
      path: "/v1/rank?key=wk_demo",
      body: JSON.stringify({ session: bare(canary), items: ["p1", "p2"], recent: [bare(canary)] }),
    }),
  },
  get("report", IN_TEXT, (value) => `/v1/reports/${value}?from=${value}`, READ),
  get("report range", IN_TEXT, (value) => `/v1/reports/overview?from=${value}&window=${value}`, READ),
  get("lake part", IN_TEXT, (value) => `/v1/lake/${value}`, READ),
  get("ledger", IN_TEXT, (value) => `/v1/ledger?from=${value}`, READ),
  get(
    "quarantine",
    IN_TEXT,
    (value) => `/v1/quarantine?before=${value}&code=${value}&source=${value}`,
    ADMIN,
  ),
  get("ticket", IN_TEXT, (value) => `/v1/live?ticket=demo.${value}`),
  get("no route", IN_TEXT, (value) => `/v1/${value}/${value}?a=${value}`),
  get("demo page", IN_TEXT, (value) => `/demo/${value}?q=${value}`),
];

/** A request of each place in turn, with something that is promised there. */
export function placeFor(random: Random, index: number): { place: Place; kind: CanaryKind } {
  const place = PLACES[index % PLACES.length] as Place;
  return { place, kind: pick(random, place.kinds) };
}

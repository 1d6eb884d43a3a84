import { gzipSync } from "node:zlib";
import type { Random } from "../shopper/chance.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { NASTY_TEXTS, pick, whole } from "./input.ts";

/** A body of `POST /v1/batches`, and what goes with it. */
export interface FuzzBody {
  kind: string;
  bytes: Uint8Array;
  headers?: [string, string][];
  query?: string;
  events?: number;
}

const NAMES = [
  "page_view",
  "view_item",
  "add_to_cart",
  "begin_checkout",
  "purchase",
  "search",
  "custom:step",
];
const FIELDS = [
  "name",
  "occurredAtMs",
  "url",
  "title",
  "referrer",
  "searchTerm",
  "itemListId",
  "currency",
  "value",
  "valueMinor",
  "transactionId",
  "items",
  "props",
  "params",
  "ecommerce",
  "itemId",
  "price",
  "quantity",
  "__proto__",
  "constructor",
];
const ENVELOPE = [
  "key",
  "session",
  "stream",
  "seq",
  "sentAtMs",
  "visitor",
  "user",
  "source",
  "context",
  "events",
  "dropped",
];
/** JSON that a parser reads differently than people do, and JSON that is none. */
const RAW_VALUES = [
  "NaN",
  "1e400",
  "-1e400",
  "-0",
  "1e-400",
  "123456789012345678901234567890",
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\u0085"',
  "'single'",
  "undefined",
  "01",
  "+1",
  ".5",
  "[,]",
  '{"a":1,"a":2}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"x":1}}}',
  "/*comment*/1",
  "\ufeff1",
  '"\u2028"',
];
const MEBIBYTE = 1024 * 1024;

/** Bombs are made once: a seed draws which, not what is in it. */
const bombs = new Map<string, Uint8Array>();

function bomb(name: string, make: () => Uint8Array): Uint8Array {
  const known = bombs.get(name);
  if (known) return known;
  const made = make();
  bombs.set(name, made);
  return made;
}

type Maker = (random: Random, id: string, nowMs: number) => FuzzBody;

/** Each with how often it is drawn; what costs the server most is rare, as a limit in front would have it. */
const MAKERS: readonly (readonly [weight: number, make: Maker])[] = [
  [10, valid],
  [30, mutatedValue],
  [20, mutatedText],
  [15, rawValue],
  [8, nastyFields],
  [4, invalidUtf8],
  [4, randomBytes],
  [3, deep],
  [2, zipped],
  [1, hostileText],
  [1, manyKeys],
  [0.3, gzipBomb],
  [0.2, hugeText],
];
const WEIGHT = MAKERS.reduce((sum, [weight]) => sum + weight, 0);

export function makeBody(random: Random, id: string, nowMs: number): FuzzBody {
  let draw = random() * WEIGHT;
  for (const [weight, make] of MAKERS) {
    draw -= weight;
    if (draw < 0) return make(random, id, nowMs);
  }
  return valid(random, id, nowMs);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function batch(random: Random, id: string, nowMs: number): Record<string, unknown> & { events: unknown[] } {
  const events = Array.from({ length: whole(random, 1, 6) }, () => plainEvent(random, nowMs));
  return {
    key: "wk_demo",
    session: `s-${id}`,
    stream: `st-${id}`,
    seq: random() < 0.8 ? 0 : whole(random, 0, 10_000_000),
    sentAtMs: nowMs,
    context: { url: "https://shop.example/p?utm_source=mail&q=1", title: "Tent", language: "de-AT" },
    events,
  };
}

function plainEvent(random: Random, nowMs: number): Record<string, unknown> {
  const item = { itemId: `p${whole(random, 0, 99)}`, itemName: "Tent", price: 12.9, quantity: 1 };
  return {
    name: pick(random, NAMES),
    occurredAtMs: nowMs - whole(random, 0, 3_600_000),
    currency: "EUR",
    value: "12.90",
    transactionId: `o${whole(random, 0, 1e6)}`,
    items: [item],
    props: { color: "red", size: 4 },
  };
}

function valid(random: Random, id: string, nowMs: number): FuzzBody {
  const body = batch(random, id, nowMs);
  return { kind: "valid", bytes: bytesOf(JSON.stringify(body)), events: body.events.length };
}

function nastyValue(random: Random, depth = 0): unknown {
  switch (whole(random, 0, depth > 3 ? 5 : 8)) {
    case 0:
      return pick(random, NASTY_TEXTS);
    case 1:
      return pick(random, [0, -1, 0.5, 1e308, -1e308, 2 ** 53, 1e21, -0, 4111111111111111]);
    case 2:
      return pick(random, [null, true, false]);
    case 3:
      return pick(random, HOSTILE_TEXTS)[1](whole(random, 1, 600));
    case 4:
      return String.fromCharCode(
        ...Array.from({ length: whole(random, 1, 20) }, () => whole(random, 0, 0xffff)),
      );
    case 5:
      return [];
    case 6:
      return Array.from({ length: whole(random, 0, 12) }, () => nastyValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: whole(random, 0, 8) }, () => [
          random() < 0.5 ? pick(random, FIELDS) : String(pick(random, NASTY_TEXTS)),
          nastyValue(random, depth + 1),
        ]),
      );
  }
}

/** A batch with some of its values replaced, taken away, doubled or given other names. */
function mutatedValue(random: Random, id: string, nowMs: number): FuzzBody {
  const body = batch(random, id, nowMs);
  for (let changes = whole(random, 1, 4); changes > 0; changes--) {
    const isEnvelope = random() < 0.3;
    const event = pick(random, body.events);
    const isObject = typeof event === "object" && event !== null && !Array.isArray(event);
    if (isEnvelope) (body as Record<string, unknown>)[pick(random, ENVELOPE)] = nastyValue(random);
    else if (random() < 0.1) body.events.push(nastyValue(random));
    else if (isObject && random() < 0.2) delete (event as Record<string, unknown>)[pick(random, FIELDS)];
    else if (isObject) (event as Record<string, unknown>)[pick(random, FIELDS)] = nastyValue(random);
    if (!Array.isArray(body.events) || body.events.length === 0) break;
  }
  const bytes = bytesOf(JSON.stringify(body) ?? "null");
  return {
    kind: "mutated value",
    bytes,
    ...(Array.isArray(body.events) ? { events: body.events.length } : {}),
  };
}

/** The JSON text of a batch with characters flipped, cut, doubled or put in. */
function mutatedText(random: Random, id: string, nowMs: number): FuzzBody {
  let text = JSON.stringify(batch(random, id, nowMs));
  for (let changes = whole(random, 1, 5); changes > 0; changes--) {
    const at = whole(random, 0, text.length);
    const length = whole(random, 0, 30);
    const part = pick(random, [
      pick(random, RAW_VALUES),
      pick(random, ['"', "{", "}", "[", "]", ",", ":", "\\"]),
      "",
    ]);
    text = text.slice(0, at) + part + text.slice(random() < 0.5 ? at : at + length);
    if (random() < 0.2) text = text.slice(0, at) + text.slice(Math.max(0, at - length));
  }
  return { kind: "mutated text", bytes: bytesOf(text) };
}

/** One field is raw JSON that no serializer writes. */
function rawValue(random: Random, id: string, nowMs: number): FuzzBody {
  const field = pick(random, FIELDS);
  const raw = pick(random, RAW_VALUES);
  const text = JSON.stringify(batch(random, id, nowMs));
  return { kind: "raw value", bytes: bytesOf(text.replace('"name":', `"${field}":${raw},"name":`)) };
}

/** Every field of an event is something else than it should be. */
function nastyFields(random: Random, id: string, nowMs: number): FuzzBody {
  const body = batch(random, id, nowMs);
  body.events = Array.from({ length: whole(random, 1, 8) }, () => ({
    name: "view_item",
    occurredAtMs: nowMs,
    ...Object.fromEntries(FIELDS.filter(() => random() < 0.3).map((name) => [name, nastyValue(random)])),
  }));
  return { kind: "nasty fields", bytes: bytesOf(JSON.stringify(body)), events: body.events.length };
}

function invalidUtf8(random: Random, id: string, nowMs: number): FuzzBody {
  const bytes = bytesOf(JSON.stringify(batch(random, id, nowMs)));
  for (let changes = whole(random, 1, 8); changes > 0; changes--)
    bytes[whole(random, 0, bytes.length - 1)] = pick(random, [0xff, 0xc0, 0x80, 0xed, 0xf5, 0x00]);
  return { kind: "invalid UTF-8", bytes };
}

function randomBytes(random: Random): FuzzBody {
  const bytes = Uint8Array.from({ length: whole(random, 0, 400) }, () => whole(random, 0, 255));
  return { kind: "random bytes", bytes };
}

function deep(random: Random, id: string, nowMs: number): FuzzBody {
  const depth = pick(random, [31, 32, 33, 100, 10_000, 100_000]);
  const [open, close] = pick(random, [
    ["[", "]"],
    ['{"a":', "}"],
  ]);
  const inner = `${open.repeat(depth)}1${random() < 0.8 ? close.repeat(depth) : ""}`;
  const text = JSON.stringify(batch(random, id, nowMs)).replace('"color":"red"', `"color":${inner}`);
  return { kind: "deep", bytes: bytesOf(random() < 0.3 ? inner : text) };
}

function zipped(random: Random, id: string, nowMs: number): FuzzBody {
  const body = batch(random, id, nowMs);
  const plain = bytesOf(JSON.stringify(body));
  const half = whole(random, 1, plain.length - 1);
  const gzip = new Uint8Array(gzipSync(plain));
  const broken = gzip.slice();
  broken[whole(random, 0, gzip.length - 1)] = whole(random, 0, 255);
  const bytes = pick(random, [
    gzip,
    new Uint8Array(Buffer.concat([gzipSync(plain.slice(0, half)), gzipSync(plain.slice(half))])),
    gzip.slice(0, whole(random, 1, gzip.length - 1)),
    broken,
    plain,
    new Uint8Array(Buffer.concat([gzip, plain])),
    new Uint8Array(gzipSync(gzip)),
  ]);
  const encoding = pick(random, ["gzip", "GZIP", "br", "deflate", "gzip, gzip", "identity", "x"]);
  return {
    kind: "zipped",
    bytes,
    ...(random() < 0.5 ? { query: "gz=1" } : { headers: [["content-encoding", encoding]] }),
  };
}

/** As much text as a body holds that finders of private text have to look at. */
function hostileText(random: Random, id: string, nowMs: number): FuzzBody {
  const [, textOf] = pick(random, HOSTILE_TEXTS);
  const text = textOf(whole(random, 100, 2_000));
  const body = batch(random, id, nowMs);
  body.events = Array.from({ length: whole(random, 1, 60) }, () => ({
    name: "view_item",
    occurredAtMs: nowMs,
    title: text,
    url: `/p?${text}`,
    itemId: text.slice(0, 100),
    props: { a: text, [text.slice(0, 40)]: [text] },
  }));
  return { kind: "hostile text", bytes: bytesOf(JSON.stringify(body)), events: body.events.length };
}

function manyKeys(random: Random, id: string, nowMs: number): FuzzBody {
  const count = pick(random, [100, 5_000, 24_000, 100_000]);
  const keys = Array.from({ length: count }, (_, at) => `"k${at.toString(36)}":${at % 10}`).join();
  const text = JSON.stringify(batch(random, id, nowMs)).replace('"color":"red"', keys);
  const bytes = bytesOf(text);
  return bytes.length < MEBIBYTE / 2
    ? { kind: "many keys", bytes }
    : { kind: "many keys", bytes: new Uint8Array(gzipSync(bytes, { level: 1 })), query: "gz=1" };
}

/** A thousand bytes for each one sent, in one member or in a thousand. */
function gzipBomb(random: Random): FuzzBody {
  const zeros = (size: number): Uint8Array => new Uint8Array(gzipSync(new Uint8Array(size)));
  const name = pick(random, [
    "20 MiB of zeros",
    "200 members",
    "a million keys",
    "just too much",
    "just enough",
  ]);
  const bytes = bomb(name, () => {
    if (name === "20 MiB of zeros") return zeros(20 * MEBIBYTE);
    if (name === "200 members") return new Uint8Array(Buffer.concat(Array(200).fill(zeros(MEBIBYTE / 4))));
    if (name === "a million keys")
      return new Uint8Array(gzipSync(`{"events":[${'{"":1},'.repeat(1_000_000)}1]}`));
    return zeros(2 * MEBIBYTE + (name === "just enough" ? 0 : 1));
  });
  return { kind: "gzip bomb", bytes, query: random() < 0.5 ? "gz=1" : "gz=0" };
}

function hugeText(random: Random, id: string, nowMs: number): FuzzBody {
  const size = pick(random, [500 * 1024, 512 * 1024, MEBIBYTE]);
  const text = JSON.stringify(batch(random, id, nowMs)).replace('"red"', `"${"x".repeat(size)}"`);
  return { kind: "huge text", bytes: bytesOf(text) };
}

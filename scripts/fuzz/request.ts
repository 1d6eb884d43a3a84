import type { Random } from "../shopper/chance.ts";
import { seeded } from "../shopper/seeded.ts";
import { makeBody } from "./body.ts";
import { type FuzzInput, NASTY_TEXTS, pick, whole } from "./input.ts";
import type { Operation, Parameter } from "./operations.ts";

/** Batches are what strangers send most, and where most code is. */
const BATCH_SHARE = 0.7;
/** What writes a lot for one request is asked in turn, now and then, in the beginning. */
const HEAVY = /^POST .*(?:flush|rebuild|erase|reshard)/;
const HEAVY_EACH = 150;
const HEAVY_UNTIL = 20_000;
const KEYS: Readonly<Record<string, string>> = { write: "wk_demo", read: "rk_demo", admin: "sk_demo" };
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/**
 * The input of a number. The same seed and number give the same input, whatever was made before.
 *
 * @param nowMs - what its events take for now
 */
export function makeInput(
  seed: number,
  index: number,
  operations: readonly Operation[],
  nowMs: number,
): FuzzInput {
  const random = seeded(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
  const heavy = operations.filter(({ name }) => HEAVY.test(name));
  const turn = heavy[Math.floor(index / HEAVY_EACH) % heavy.length];
  if (turn && index % HEAVY_EACH === 0 && index < HEAVY_UNTIL) return routeInput(random, index, turn, nowMs);
  const batches = operations.find(({ name }) => name === "POST /v1/batches");
  if (batches && random() < BATCH_SHARE) return batchInput(random, seed, index, batches, nowMs);
  const operation = pick(
    random,
    operations.filter(({ name }) => !HEAVY.test(name)),
  );
  return operation === batches
    ? batchInput(random, seed, index, batches, nowMs)
    : routeInput(random, index, operation, nowMs);
}

function batchInput(
  random: Random,
  seed: number,
  index: number,
  operation: Operation,
  nowMs: number,
): FuzzInput {
  // Some ids come again, so that there are duplicates and ranges.
  const id = random() < 0.1 ? `again-${whole(random, 0, 50)}` : `${seed}-${index}`;
  const { kind, bytes, headers = [], query = "", events } = makeBody(random, id, nowMs);
  const key = random() < 0.96 ? "key=wk_demo" : `key=${encoded(pick(random, NASTY_TEXTS))}`;
  const path = `${operation.path}?${[key, query].filter((part) => part !== "").join("&")}`;
  const type = pick(random, [
    "text/plain;charset=UTF-8",
    "application/json",
    "",
    "multipart/form-data",
    "\u00ff/x",
    "a".repeat(300),
  ]);
  const input: FuzzInput = {
    index,
    kind,
    operation: operation.name,
    method: "POST",
    path,
    headers: [
      ...headers,
      ...(type === "" ? [] : ([["content-type", type]] as [string, string][])),
      ...oddHeaders(random, 0.05),
    ],
    body: bytes,
  };
  if (events !== undefined) input.events = events;
  return input;
}

function routeInput(random: Random, index: number, operation: Operation, nowMs: number): FuzzInput {
  const { parameters } = operation;
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.name === name && one.in === "path");
    return pathValue(random, parameter);
  });
  const query: string[] = [];
  for (const parameter of parameters) {
    if (parameter.in !== "query" || random() < 0.4) continue;
    query.push(`${parameter.name}=${encoded(valueFor(random, parameter))}`);
    if (random() < 0.05) query.push(`${parameter.name}=${encoded(valueFor(random, parameter))}`);
  }
  if (random() < 0.1)
    query.push(`${encoded(pick(random, NASTY_TEXTS))}=${encoded(pick(random, NASTY_TEXTS))}`);
  if (random() < 0.05) query.push(pick(random, ["%zz=%", "&&&=", "a".repeat(8_000), "a=%c3%28"]));
  const headers: [string, string][] = [...oddHeaders(random, 0.3)];
  const key = keyFor(random, operation);
  if (key !== undefined && (operation.roles.includes("write") ? random() < 0.5 : random() < 0.95))
    headers.push(["authorization", key]);
  else if (key !== undefined) query.push(`key=${encoded(key.replace("Bearer ", ""))}`);
  for (const parameter of parameters)
    if (parameter.in === "header" && random() < 0.7)
      headers.push([parameter.name, headerValue(valueFor(random, parameter))]);
  const isOwn = random() < 0.9;
  const method = isOwn ? operation.method : pick(random, METHODS);
  const input: FuzzInput = {
    index,
    kind: isOwn ? "parameters" : "method",
    operation: operation.name,
    method,
    path: path + (query.length > 0 ? `?${query.join("&")}` : ""),
    headers,
  };
  if (method !== "GET" && method !== "HEAD" && random() < 0.7)
    input.body = makeBody(random, `r-${index}`, nowMs).bytes;
  return input;
}

function keyFor(random: Random, { roles }: Operation): string | undefined {
  const draw = random();
  if (draw < 0.75) {
    const role = roles.find((one) => KEYS[one] !== undefined);
    return role && `Bearer ${KEYS[role]}`;
  }
  if (draw < 0.85) return undefined;
  const text = pick(random, [
    ...Object.values(KEYS),
    "x",
    "Bearer",
    "a".repeat(5_000),
    "\u00ff",
    "wk_demo,sk_demo",
  ]);
  return pick(random, [`Bearer ${text}`, `bearer  ${text} `, `Basic ${text}`, text]);
}

/** Names are the contract's, values are near it or far from it. */
function valueFor(random: Random, { name, choices, example }: Parameter): string {
  const draw = random();
  if (draw < 0.3 && choices.length > 0) return pick(random, choices);
  if (draw < 0.45 && example !== undefined) return example;
  if (name === "range") return pick(random, RANGES);
  if (name === "before") return pick(random, CURSORS);
  if (name === "ticket") return pick(random, TICKETS);
  if (draw < 0.6) return String(pick(random, [0, 1, 20, 100, 101, 1e9, Date.UTC(2026, 10, 2), -5, 0.5]));
  return pick(random, NASTY_TEXTS);
}

const RANGES = [
  "bytes=0-",
  "bytes=-0",
  "bytes=-1",
  "bytes=5-2",
  "bytes=0-0,1-1,2-2",
  `bytes=${"0-1,".repeat(500)}`,
  "bytes=99999999999999999999-",
  "bytes=0-99999999999999999999",
  "bytes=--1",
  "lines=1-2",
  "bytes=a-b",
  "",
];
const CURSORS = [
  "_",
  "0-0",
  "1-1.2-2",
  "9999999999999999-999999",
  "_._._._",
  "-1-0",
  `${"_.".repeat(63)}_`,
  `${"_.".repeat(64)}_`,
  "0-0.0-0.9-9",
];
const TICKETS = [
  "demo",
  "demo.",
  "demo.1794300000000.00",
  `demo.9999999999999.${"0".repeat(64)}`,
  `shop.9999999999999.${"f".repeat(64)}`,
];
const PATHS = [
  "..",
  "%2e%2e",
  "..%2f..%2fsite=other",
  "site=demo/../site=other/dt=2026-11-02/hh=07/0-1-1-1.parquet",
  "site=demo%2Fdt=2026-11-02%2Fhh=07%2F0-1-1-1.parquet",
  "site=demo/dt=2026-11-02/hh=07/0-1-1-1.parquet",
  "site=demo//dt=2026-11-02",
  "%00",
  "%ff%fe",
  "%E0%A4%A",
  "%25252e",
  "a".repeat(129),
  "a".repeat(6_000),
  ";x=1",
  "__proto__",
  "4111111111111111",
];

function pathValue(random: Random, parameter: Parameter | undefined): string {
  if (parameter && random() < 0.5) return encoded(valueFor(random, parameter)) || "x";
  return pick(random, PATHS);
}

function oddHeaders(random: Random, share: number): [string, string][] {
  if (random() >= share) return [];
  return [
    pick<[string, string]>(random, [
      [
        "origin",
        pick(random, [
          "null",
          "https://evil.example",
          "http://localhost:3000",
          "http://127.0.0.1.evil.example",
          "\u00ff",
        ]),
      ],
      ["accept-language", pick(random, ["de-AT,de;q=0.9", "*", "x".repeat(2_000), "\u00e4\u00f6"])],
      ["user-agent", pick(random, ["", "x".repeat(8_000), "Android ".repeat(500), "bot/".repeat(500)])],
      ["cf-connecting-ip", pick(random, ["203.0.113.7", "::ffff:203.0.113.7", "::", "x", ":".repeat(900)])],
      ["sec-gpc", "1"],
      ["if-none-match", pick(random, ["*", '"x"', "W/", ",".repeat(500)])],
      ["x-request-id", "x".repeat(1_000)],
      ["upgrade", "websocket"],
      ["range", pick(random, RANGES)],
      ["cookie", "a=b; ".repeat(500)],
      [`x-${"y".repeat(500)}`, "1"],
    ]),
  ];
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What a client may put on the line at all. */
function headerValue(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "");
}

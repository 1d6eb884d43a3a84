import type { Random } from "../shopper/chance.ts";

/** One hostile request. Made from a seed and its number alone, so that it can be made again. */
export interface FuzzInput {
  index: number;
  /** What is wrong with it, in a word. */
  kind: string;
  /** The operation of /openapi.json that it is aimed at: `POST /v1/batches`. */
  operation: string;
  method: string;
  /** As it goes onto the line, query included. */
  path: string;
  headers: [name: string, value: string][];
  body?: Uint8Array;
  /** How many events an honest reader counts in the body, where that is known. */
  events?: number;
}

export function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

/** A whole number from `least` to `most`. */
export function whole(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Values that code likes to forget: as text of a query, a header, or a field. */
export const NASTY_TEXTS: readonly string[] = [
  "",
  " ",
  "0",
  "-1",
  "1e400",
  "NaN",
  "null",
  "undefined",
  "true",
  "[]",
  "{}",
  "__proto__",
  "constructor",
  "toString",
  "\u0000",
  "\ud800",
  "\ufeff",
  "\u202e",
  "😀".repeat(40),
  "a".repeat(129),
  "a".repeat(4_000),
  "../../../etc/passwd",
  "..%2f..%2f",
  "%",
  "%zz",
  "%00",
  "%c0%ae",
  "'; DROP TABLE journal; --",
  "<script>alert(1)</script>",
  "9007199254740993",
  "99999999999999999999",
  "2026-11-02",
  "0000-00-00",
  "+275760-09-13T00:00:00.001Z",
  "253402300800000",
  "1e3",
  "0x10",
  "15m",
  "9999d",
  ",,,,",
  "a,".repeat(200),
  "4111111111111111",
  "jane@shop.example",
];

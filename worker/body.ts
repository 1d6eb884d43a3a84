import { gunzipSync } from "node:zlib";
import {
  BODY_BYTES_MAX,
  BODY_INFLATED_BYTES_MAX,
  JSON_DEPTH_MAX,
  JSON_VALUES_MAX,
} from "../collector/event/limits.ts";
import { jsonShape } from "../collector/ingest/json-shape.ts";
import { Problem } from "./problem.ts";

/** How long a body may take to arrive. Half a megabyte needs 17 kB a second; a sender that drips is cut off. */
export const BODY_WAIT_MS = 30_000;

/**
 * The JSON value of a request body, whatever its content type says: pages send `text/plain` or none, because
 * that needs no preflight. Gzip may be several members one after the other.
 */
export async function readJsonBody(
  request: Request,
  isGzip: boolean,
  waitMs: number = BODY_WAIT_MS,
): Promise<unknown> {
  const raw = await inTime(readBytes(request), waitMs);
  // 1f 8b is no JSON, so a body that was gzipped on the way is recognised without its flag.
  const bytes = isGzip || (raw[0] === 0x1f && raw[1] === 0x8b) ? inflate(raw) : raw;
  const text = new TextDecoder().decode(bytes);
  const { depth, values } = jsonShape(text, { depth: JSON_DEPTH_MAX, values: JSON_VALUES_MAX });
  if (depth > JSON_DEPTH_MAX) throw new Problem("body_too_deep");
  if (values > JSON_VALUES_MAX) throw new Problem("too_many_values");
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the body, so it stays here.
    throw new Problem("body_not_json");
  }
}

/** The answer ends the connection, and with it the wait for the rest. */
async function inTime<Value>(value: Promise<Value>, waitMs: number): Promise<Value> {
  let timer: number | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem("body_too_slow")), waitMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** At most `BODY_BYTES_MAX`. */
async function readBytes(request: Request): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  try {
    return await (declared === null ? readChunks(request) : readDeclared(request, Number(declared)));
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The sender went away, which is nobody's mistake here.
    throw new Problem("body_incomplete");
  }
}

/** HTTP holds a sender to the length it declared. Read at once, a body costs a fraction of reading it by chunks. */
async function readDeclared(request: Request, length: number): Promise<Uint8Array> {
  if (!(length <= BODY_BYTES_MAX)) throw new Problem("body_too_large");
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > BODY_BYTES_MAX) throw new Problem("body_too_large");
  return bytes;
}

/** Counted as it arrives, since nobody said how much will come. */
async function readChunks(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > BODY_BYTES_MAX) throw new Problem("body_too_large");
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Stops at `BODY_INFLATED_BYTES_MAX`, so a bomb costs no more than that. */
function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: BODY_INFLATED_BYTES_MAX });
  } catch (error) {
    // The runtime says "Memory limit exceeded" with a RangeError; all else is a fault of the bytes.
    const isTooLarge = error instanceof RangeError;
    throw new Problem(isTooLarge ? "body_too_large" : "body_not_gzip");
  }
}

import { type Hook, z } from "@hono/zod-openapi";
import { jsonPointer } from "../../collector/event/json-pointer.ts";
import { OCCURRED_AHEAD_MAX_MS, OCCURRED_AT_MIN_MS } from "../../collector/event/limits.ts";
import type { Finding } from "../../collector/event/reject.ts";
import { parseRfc3339Ms } from "../../collector/ingest/time.ts";
import type { AppEnv } from "../context.ts";
import { Problem } from "../problem.ts";

/** Where zod says what is wrong, we say only where: its messages quote what was sent. */
// biome-ignore lint/suspicious/noExplicitAny: the hook of every route, whatever its input
export const queryHook: Hook<any, AppEnv, any, any> = (result) => {
  if (result.success) return;
  const place = result.target === "json" ? "" : result.target === "param" ? "/path" : "/query";
  const errors = findings(result.error.issues, "query_invalid").map(({ pointer, code }) => ({
    pointer: `${place}${pointer}`,
    code,
  }));
  throw new Problem("query_invalid", { errors });
};

/** The places that a schema found wrong, each once. */
export function findings(issues: readonly z.core.$ZodIssue[], code: string): Finding<string>[] {
  const pointers = new Set(issues.map(({ path }) => jsonPointer(path)));
  return [...pointers].map((pointer) => ({ pointer, code }));
}

/** A parameter that its schema cannot judge. @param pointer - `/query/<name>` or `/path/<name>` */
export function queryInvalid(pointer: string): Problem {
  return new Problem("query_invalid", { errors: [{ pointer, code: "query_invalid" }] });
}

/** A bound of a time range: ms since epoch, RFC 3339, or a day (its beginning, UTC). */
export function parseBoundMs(text: string): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return parseRfc3339Ms(text);
  const atMs = Number(text);
  // Seconds and bare years are numbers too, and would silently mean January 1970.
  return atMs === 0 || atMs >= OCCURRED_AT_MIN_MS ? atMs : undefined;
}

export const BoundQuery = z
  .string()
  .refine((text) => parseBoundMs(text) !== undefined)
  .optional()
  .openapi({ description: "RFC 3339, or ms since epoch", example: "2026-11-02T00:00:00Z" });

/** A range of event time. Without bounds it is all that an event time can be. */
export function rangeOf(
  from: string | undefined,
  to: string | undefined,
  nowMs: number,
): { fromMs: number; toMs: number } {
  const fromMs = from === undefined ? OCCURRED_AT_MIN_MS : (parseBoundMs(from) as number);
  const toMs = to === undefined ? nowMs + OCCURRED_AHEAD_MAX_MS : (parseBoundMs(to) as number);
  if (fromMs >= toMs) {
    throw new Problem("query_invalid", {
      detail: "`from` must be before `to`.",
      errors: [{ pointer: "/query/from", code: "query_invalid" }],
    });
  }
  return { fromMs, toMs };
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ["m", 60_000],
  ["minute", 60_000],
  ["h", 3_600_000],
  ["hour", 3_600_000],
  ["d", 86_400_000],
  ["day", 86_400_000],
]);

/** A window: `minute`, `hour`, `day` or a multiple as in `15m`, `6h`, `7d`. */
export function parseWindowMs(text: string): number | undefined {
  const match = /^(\d{0,4})([a-z]{1,6})$/.exec(text);
  const unitMs = UNITS_MS.get(match?.[2] ?? "");
  const count = match?.[1] === "" ? 1 : Number(match?.[1]);
  return unitMs === undefined || !(count >= 1) ? undefined : count * unitMs;
}

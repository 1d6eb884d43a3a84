import { maskText } from "./mask-text.ts";
import { maskAny } from "./mask-url.ts";
import { isSensitiveProperty } from "./sensitive-name.ts";
import { MASK } from "./span.ts";
import type { Work } from "./work.ts";

const DEPTH_MAX = 8;
const STRING_LENGTH_MAX = 512;
const KEY_LENGTH_MAX = 64;

/**
 * Any JSON value as masked JSON text of at most `lengthMax` UTF-16 units. What does not fit is left out at the
 * end of its array or object, so the text always parses.
 */
export function maskedJson(value: unknown, lengthMax: number, work?: Work): string {
  const budget: Budget = { left: Math.max(lengthMax, 4), work };
  return write(value, 0, budget) ?? "null";
}

interface Budget {
  /** UTF-16 units that may still be written. */
  left: number;
  work: Work | undefined;
}

/** JSON text, or undefined when the budget does not hold it. Takes what it writes from the budget. */
function write(value: unknown, depth: number, budget: Budget): string | undefined {
  if (typeof value === "object" && value !== null) {
    if (depth >= DEPTH_MAX) return take('"[deep]"', budget);
    return Array.isArray(value) ? writeArray(value, depth, budget) : writeObject(value, depth, budget);
  }
  return take(scalar(value, budget.work), budget);
}

function writeArray(values: unknown[], depth: number, budget: Budget): string | undefined {
  if (take("[]", budget) === undefined) return undefined;
  const parts: string[] = [];
  for (const value of values) {
    budget.left -= 1;
    const part = write(value, depth + 1, budget);
    if (part === undefined) break;
    parts.push(part);
  }
  return `[${parts.join(",")}]`;
}

function writeObject(object: object, depth: number, budget: Budget): string | undefined {
  if (take("{}", budget) === undefined) return undefined;
  const parts: string[] = [];
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue;
    const name = take(
      `${JSON.stringify(maskText(key.slice(0, KEY_LENGTH_MAX).toWellFormed(), budget.work))}:`,
      budget,
    );
    if (name === undefined) break;
    budget.left -= 1;
    const value = (object as Record<string, unknown>)[key];
    const isSensitive = isSensitiveProperty(key) && value !== null && value !== "";
    const part = isSensitive ? take(`"${MASK}"`, budget) : write(value, depth + 1, budget);
    if (part === undefined) break;
    parts.push(name + part);
  }
  return `{${parts.join(",")}}`;
}

function scalar(value: unknown, work: Work | undefined): string {
  if (typeof value === "string") return JSON.stringify(maskLong(value, work));
  if (typeof value === "number") return maskedNumber(value);
  return typeof value === "boolean" ? String(value) : "null";
}

/** A card number may come as a number. */
function maskedNumber(value: number): string {
  const text = Number.isFinite(value) ? String(value) : "null";
  return maskText(text) === text ? text : `"${MASK}"`;
}

/** Looks further than it keeps, so that a cut cannot save half a secret from being recognised. */
function maskLong(raw: string, work: Work | undefined): string {
  const masked = maskAny(raw.slice(0, STRING_LENGTH_MAX * 2).toWellFormed(), work);
  const kept = raw.length > STRING_LENGTH_MAX * 2 ? masked.slice(0, -64) : masked;
  return kept.length > STRING_LENGTH_MAX ? `${kept.slice(0, STRING_LENGTH_MAX).toWellFormed()}…` : kept;
}

function take(text: string, budget: Budget): string | undefined {
  if (text.length > budget.left) return undefined;
  budget.left -= text.length;
  return text;
}

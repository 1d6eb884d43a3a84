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
  return maskedWhole(value, lengthMax, STRING_LENGTH_MAX, work).json;
}

/** As `maskedJson`, and whether it is less than all of the value. */
export function maskedWhole(
  value: unknown,
  lengthMax: number,
  stringLengthMax: number,
  work?: Work,
): { json: string; isCut: boolean } {
  const budget: Budget = { left: Math.max(lengthMax, 4), stringLengthMax, isCut: false, work };
  const json = write(value, 0, budget);
  // Without looks left, texts are masked whole.
  const isUnread = work !== undefined && work.looksLeft < 0;
  return { json: json ?? "null", isCut: budget.isCut || isUnread || json === undefined };
}

interface Budget {
  /** UTF-16 units that may still be written. */
  left: number;
  stringLengthMax: number;
  /** Something was left out. */
  isCut: boolean;
  work: Work | undefined;
}

/** JSON text, or undefined when the budget does not hold it. Takes what it writes from the budget. */
function write(value: unknown, depth: number, budget: Budget): string | undefined {
  if (typeof value === "object" && value !== null) {
    if (depth >= DEPTH_MAX) {
      budget.isCut = true;
      return take('"[deep]"', budget);
    }
    return Array.isArray(value) ? writeArray(value, depth, budget) : writeObject(value, depth, budget);
  }
  return take(scalar(value, budget), budget);
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
    if (key.length > KEY_LENGTH_MAX) budget.isCut = true;
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

function scalar(value: unknown, budget: Budget): string {
  if (typeof value === "string") return JSON.stringify(maskLong(value, budget));
  if (typeof value === "number") return maskedNumber(value);
  return typeof value === "boolean" ? String(value) : "null";
}

/** A card number may come as a number. */
function maskedNumber(value: number): string {
  const text = Number.isFinite(value) ? String(value) : "null";
  return maskText(text) === text ? text : `"${MASK}"`;
}

/** Looks further than it keeps, so that a cut cannot save half a secret from being recognised. */
function maskLong(raw: string, budget: Budget): string {
  const { stringLengthMax } = budget;
  const masked = maskAny(raw.slice(0, stringLengthMax * 2).toWellFormed(), budget.work);
  const isLonger = raw.length > stringLengthMax * 2;
  const kept = isLonger ? masked.slice(0, -64) : masked;
  if (isLonger || kept.length > stringLengthMax) budget.isCut = true;
  return kept.length > stringLengthMax ? `${kept.slice(0, stringLengthMax).toWellFormed()}…` : kept;
}

function take(text: string, budget: Budget): string | undefined {
  if (text.length > budget.left) {
    budget.isCut = true;
    return undefined;
  }
  budget.left -= text.length;
  return text;
}

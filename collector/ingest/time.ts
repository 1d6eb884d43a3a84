import { OCCURRED_AHEAD_MAX_MS, OCCURRED_AT_MIN_MS, SKEW_TOLERANCE_MS } from "../event/limits.ts";
import type { RejectCode } from "../event/reject.ts";
import { fail, ok, type Result } from "../event/result.ts";
import { type FixSwitches, isOn } from "./fix-rules.ts";

/** A unit that times are sent in where ms belong. */
export type TimeUnit = "seconds" | "micros" | "nanos";
const UNITS: readonly [unit: TimeUnit, toMs: (time: number) => number][] = [
  ["seconds", (time) => time * 1e3],
  ["micros", (time) => time / 1e3],
  ["nanos", (time) => time / 1e6],
];
/** How far a sender's clock may be off and still show the unit that it counts in. */
const UNIT_CLOCK_TOLERANCE_MS = 24 * 3600 * 1000;

/** How far the page's clock is behind ours, 0 when it is close enough to be left alone. */
export function clockSkewMs(sentAtMs: number | undefined, receivedAtMs: number): number {
  const skewMs = sentAtMs === undefined ? 0 : receivedAtMs - sentAtMs;
  return Math.abs(skewMs) > SKEW_TOLERANCE_MS ? skewMs : 0;
}

/** The sender's clock in ms, and the unit that it was sent in when that was another one and near our own time. */
export function sentAt(
  raw: number | undefined,
  receivedAtMs: number,
  switches: FixSwitches = {},
): { sentAtMs: number | undefined; unit?: TimeUnit } {
  if (raw !== undefined && isOn(switches, "timeUnit"))
    for (const [unit, toMs] of UNITS)
      if (Math.abs(toMs(raw) - receivedAtMs) <= UNIT_CLOCK_TOLERANCE_MS)
        return { sentAtMs: Math.round(toMs(raw)), unit };
  return { sentAtMs: raw };
}

export interface EventTime {
  occurredAtMs: number;
  /** RFC 3339. */
  isText: boolean;
  /** A number, sent as text. */
  isNumberText: boolean;
  /** The unit that it was sent in, when that was not ms. */
  unit?: TimeUnit;
}

/** Event time by our clock, or why it cannot be believed. */
export function eventTimeMs(
  raw: unknown,
  skewMs: number,
  receivedAtMs: number,
  switches: FixSwitches = {},
): Result<EventTime, RejectCode> {
  if (raw === undefined || raw === null) return fail("occurred_at_missing");
  const isNumberText =
    typeof raw === "string" && isOn(switches, "numberText") && /^\s*\d{9,19}(?:\.\d{1,9})?\s*$/.test(raw);
  const isText = typeof raw === "string" && !isNumberText;
  const claimed = isText ? parseRfc3339Ms(raw) : isNumberText ? Number(raw) : raw;
  if (typeof claimed !== "number" || !Number.isFinite(claimed)) return fail("occurred_at_invalid");
  const occurredAtMs = Math.floor(claimed + skewMs);
  const trouble = timeTrouble(occurredAtMs, receivedAtMs);
  if (trouble === undefined) return ok({ occurredAtMs, isText, isNumberText });
  if (!isText && isOn(switches, "timeUnit")) {
    // The believable ranges of the units do not touch, so at most one fits.
    for (const [unit, toMs] of UNITS) {
      const convertedMs = Math.floor(toMs(claimed) + skewMs);
      if (timeTrouble(convertedMs, receivedAtMs) === undefined)
        return ok({ occurredAtMs: convertedMs, isText, isNumberText, unit });
    }
  }
  return fail(trouble);
}

function timeTrouble(occurredAtMs: number, receivedAtMs: number): RejectCode | undefined {
  if (occurredAtMs < OCCURRED_AT_MIN_MS) return "occurred_at_too_old";
  return occurredAtMs > receivedAtMs + OCCURRED_AHEAD_MAX_MS ? "occurred_at_in_future" : undefined;
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?)?$/;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Milliseconds since epoch of an RFC 3339 text or a plain day; UTC where no offset is given. */
export function parseRfc3339Ms(text: string): number | undefined {
  const match = text.length <= 40 ? RFC3339.exec(text.trim()) : null;
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isLeapFebruary = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day < 1 || day > (MONTH_DAYS[month - 1] ?? 0) + (isLeapFebruary ? 1 : 0)) return undefined;
  // 60 is a leap second; it is read as the second after.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const millis = Math.floor(Number(`0.${match[7] ?? "0"}`) * 1000 + 1e-6);
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(match[8] ?? "");
  const offsetMinutes = offset
    ? (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3]))
    : 0;
  const seconds =
    daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second;
  return seconds * 1000 + millis;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible date algorithms"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

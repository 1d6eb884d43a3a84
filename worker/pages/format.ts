import type { Money } from "../../collector/event/money.ts";

/** The page is written in English, so its numbers are too, whatever the browser's language. */
const LOCALE = "en-GB";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const count = new Intl.NumberFormat(LOCALE);
const percent = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });
const finePercent = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const moneyFormats = new Map<string, Intl.NumberFormat | null>();

/** Most currencies whose format is kept; ISO 4217 has fewer than 200. */
const MONEY_FORMATS_MAX = 300;

export function formatCount(value: number): string {
  return count.format(value);
}

/** A distinct count is exact up to a bound; beyond it the page says that it is an estimate. */
export function formatEstimate(value: number, exact: boolean): string {
  return exact ? formatCount(value) : `≈ ${formatCount(value)}`;
}

/** Minor units to text, digit by digit: a float would be off by a cent above 2^53 / 100. */
export function formatMoney({ valueMinor, currency }: Money): string {
  const format = moneyFormat(currency);
  if (format === null) return `${formatCount(valueMinor)} ${currency} (minor units)`;
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  return format.format(decimal(valueMinor, digits) as Intl.StringNumericLiteral);
}

/** The share of `part` in `whole`; a dash when there is no whole to have a share of. */
export function formatRate(part: number, whole: number): string {
  if (whole <= 0) return "–";
  const rate = part / whole;
  return (rate > 0 && rate < 0.1 ? finePercent : percent).format(rate);
}

/** The two largest units that matter: `12 s`, `3 min`, `2 h 5 min`, `4 d 3 h`. */
export function formatAge(ageMs: number): string {
  const ms = Math.max(0, ageMs);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return pair(ms, HOUR_MS, "h", MINUTE_MS, "min");
  return pair(ms, DAY_MS, "d", HOUR_MS, "h");
}

/** Time of day; `timeZone` is given by tests, people get their own. */
export function formatTime(atMs: number, parts: "minutes" | "seconds", timeZone?: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    hour: "2-digit",
    minute: "2-digit",
    ...(parts === "seconds" && { second: "2-digit" }),
    ...(timeZone && { timeZone }),
  }).format(atMs);
}

/** `1 event`, `2 events`. */
export function formatNoun(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function pair(ms: number, unitMs: number, unit: string, restMs: number, restUnit: string): string {
  const rest = Math.floor((ms % unitMs) / restMs);
  return `${Math.floor(ms / unitMs)} ${unit}${rest > 0 ? ` ${rest} ${restUnit}` : ""}`;
}

function decimal(valueMinor: number, digits: number): string {
  const sign = valueMinor < 0 ? "-" : "";
  const text = String(Math.abs(valueMinor)).padStart(digits + 1, "0");
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Null for a code that Intl does not take. */
function moneyFormat(currency: string): Intl.NumberFormat | null {
  const known = moneyFormats.get(currency);
  if (known !== undefined) return known;
  const format = /^[A-Z]{3}$/.test(currency)
    ? new Intl.NumberFormat(LOCALE, { style: "currency", currency, currencyDisplay: "narrowSymbol" })
    : null;
  if (moneyFormats.size >= MONEY_FORMATS_MAX) moneyFormats.clear();
  moneyFormats.set(currency, format);
  return format;
}

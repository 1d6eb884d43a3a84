import { CURRENCY_EXPONENTS } from "../event/currencies.ts";
import type { FixRule } from "./fix-rules.ts";

/** What was done to an amount, as it stands in `fixes` after the field, and the rule that allows it. */
export type AmountFix = [what: "trim" | "symbol" | "thousands" | "comma", rule: FixRule];

/** Signs that mean one currency wherever they stand alone. */
export const CURRENCY_SIGNS: ReadonlyMap<string, string> = new Map([
  ["€", "EUR"],
  ["₹", "INR"],
  ["₺", "TRY"],
  ["₽", "RUB"],
  ["₪", "ILS"],
  ["₴", "UAH"],
  ["₫", "VND"],
  ["zł", "PLN"],
  ["Kč", "CZK"],
]);

/** Signs of several currencies: beside an amount whose currency is known they say nothing wrong. */
const SHARED_SIGNS: ReadonlyMap<string, string> = new Map([
  ["$", "USD CAD AUD NZD SGD HKD MXN TWD CLP COP ARS"],
  ["£", "GBP EGP"],
  ["¥", "JPY CNY"],
  ["kr", "SEK NOK DKK ISK"],
  ["kr.", "DKK ISK"],
  ["Fr.", "CHF"],
  ["R$", "BRL"],
]);

const AMOUNT_LENGTH_MAX = 64;
const PLAIN = /^[+-]?\d*(?:\.\d*)?(?:e[+-]?\d+)?$/i;
const SIGNED = /^([+-]?)([^\d.,+-]{0,8}?)[\s\u00a0\u202f]*([+-]?)(\d[\d.,'’\s]*|[.,]\d+)([^\d.,]{0,8}?)$/u;
const WITH_SPACES = /^[1-9]\d{0,2}(?:([\s'’])\d{3})(?:\1\d{3})*(?:[.,]\d+)?$/u;
const COMMAS_THEN_POINT = /^[1-9]\d{0,2}(?:,\d{3})+\.\d+$/;
const POINTS_THEN_COMMA = /^[1-9]\d{0,2}(?:\.\d{3})+,\d+$/;
const TWO_COMMAS = /^[1-9]\d{0,2}(?:,\d{3}){2,}$/;
const TWO_POINTS = /^[1-9]\d{0,2}(?:\.\d{3}){2,}$/;
const INDIAN = /^[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?$/;
const ONE_COMMA_GROUP = /^[1-9]\d{0,2},\d{3}$/;
const ONE_COMMA = /^\d*,\d+$/;

/**
 * An amount as people and locales write it, as decimal text with a point.
 *
 * @param currency - of the event; an amount with the sign of another one is no amount
 * @returns undefined when it is none, or when it could be two: `1,290` is 1290 or 1.29
 */
export function plainAmount(
  raw: string,
  currency: string | undefined,
): { text: string; fixes: AmountFix[] } | undefined {
  if (raw.length > AMOUNT_LENGTH_MAX) return undefined;
  const trimmed = raw.trim();
  const fixes: AmountFix[] = trimmed === raw ? [] : [["trim", "trim"]];
  if (PLAIN.test(trimmed)) return { text: trimmed, fixes };
  const match = SIGNED.exec(trimmed);
  if (!match) return undefined;
  const [, sign = "", before = "", innerSign = "", body = "", after = ""] = match;
  if ((sign && innerSign) || (before.trim() && after.trim())) return undefined;
  const symbol = before.trim() || after.trim();
  if (symbol !== "") {
    if (!fits(symbol, currency)) return undefined;
    fixes.push(["symbol", "currencySymbol"]);
  }
  const digits = plainDigits(body.trim(), currency, fixes);
  return digits === undefined ? undefined : { text: sign + innerSign + digits, fixes };
}

function plainDigits(body: string, currency: string | undefined, fixes: AmountFix[]): string | undefined {
  if (/^\d*(?:\.\d*)?$/.test(body)) return body;
  const thousands: AmountFix = ["thousands", "thousands"];
  const comma: AmountFix = ["comma", "decimalComma"];
  if (WITH_SPACES.test(body)) {
    fixes.push(thousands);
    if (body.includes(",")) fixes.push(comma);
    return body.replace(/[\s'’]/gu, "").replace(",", ".");
  }
  const isYen = currency !== undefined && CURRENCY_EXPONENTS.get(currency) === 0;
  if (
    COMMAS_THEN_POINT.test(body) ||
    TWO_COMMAS.test(body) ||
    INDIAN.test(body) ||
    (isYen && ONE_COMMA_GROUP.test(body))
  ) {
    fixes.push(thousands);
    return body.replaceAll(",", "");
  }
  if (TWO_POINTS.test(body)) {
    fixes.push(thousands);
    return body.replaceAll(".", "");
  }
  if (POINTS_THEN_COMMA.test(body)) {
    fixes.push(thousands, comma);
    return body.replaceAll(".", "").replace(",", ".");
  }
  if (!ONE_COMMA.test(body) || ONE_COMMA_GROUP.test(body)) return undefined;
  fixes.push(comma);
  return body.replace(",", ".");
}

function fits(symbol: string, currency: string | undefined): boolean {
  const sole = CURRENCY_SIGNS.get(symbol) ?? (CURRENCY_EXPONENTS.has(symbol) ? symbol : undefined);
  const shared = SHARED_SIGNS.get(symbol);
  if (currency === undefined) return sole !== undefined || shared !== undefined;
  return sole === currency || (shared?.split(" ").includes(currency) ?? false);
}

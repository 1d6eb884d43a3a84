import { CURRENCY_EXPONENTS } from "./currencies.ts";
import { fail, ok, type Result } from "./result.ts";

/** Integer minor units (cents, yen, fils) with their ISO 4217 code beside them. Never a float. */
export interface Money {
  currency: string;
  valueMinor: number;
}

/** Largest amount, so that an amount is always a safe integer. */
export const VALUE_MINOR_MAX = 9e15;
/** Longest decimal text that is read as an amount. */
const DECIMAL_LENGTH_MAX = 64;
/** Powers of ten beyond this are out of every bound, or nothing at all. */
const POWER_MAX = 40;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i;

/**
 * Major units to minor units, through decimal text and integers, never through a float product.
 *
 * @param amount - a number or a decimal text with a point: `12.9`, `"0.29"`
 * @returns minor units and whether digits were rounded away (half away from zero)
 */
export function toMinor(
  amount: number | string,
  currency: string,
): Result<{ valueMinor: number; rounded: boolean }, "money_invalid" | "currency_unknown"> {
  const exponent = CURRENCY_EXPONENTS.get(currency);
  if (exponent === undefined) return fail("currency_unknown");
  const text = String(amount).trim();
  const match = text.length <= DECIMAL_LENGTH_MAX ? DECIMAL.exec(text) : null;
  if (!match) return fail("money_invalid");
  const [, sign, whole = "", fraction = "", power = "0"] = match;
  const digits = whole + fraction;
  if (digits === "") return fail("money_invalid");
  const mantissa = BigInt(digits);
  const shift = Number(power) - fraction.length + exponent;
  if (mantissa === 0n) return ok({ valueMinor: 0, rounded: false });
  if (shift > POWER_MAX) return fail("money_invalid");
  if (shift < -(POWER_MAX + DECIMAL_LENGTH_MAX)) return ok({ valueMinor: 0, rounded: true });
  const unit = 10n ** BigInt(Math.abs(shift));
  const exact = shift >= 0 ? mantissa * unit : mantissa / unit;
  const rest = shift >= 0 ? 0n : mantissa % unit;
  const minor = rest * 2n >= unit ? exact + 1n : exact;
  if (minor > BigInt(VALUE_MINOR_MAX)) return fail("money_invalid");
  const value = Number(minor);
  return ok({ valueMinor: sign === "-" && value > 0 ? -value : value, rounded: rest !== 0n });
}

/** Minor units as decimal text in major units, for people: 1290 EUR is `12.90`, 1290 JPY is `1290`. */
export function toMajorText(money: Money): string {
  const exponent = CURRENCY_EXPONENTS.get(money.currency) ?? 0;
  const digits = String(Math.abs(money.valueMinor)).padStart(exponent + 1, "0");
  const at = digits.length - exponent;
  const text = exponent === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
  return money.valueMinor < 0 ? `-${text}` : text;
}

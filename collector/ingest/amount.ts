import { CURRENCY_EXPONENTS } from "../event/currencies.ts";
import { toMinor, VALUE_MINOR_MAX } from "../event/money.ts";
import type { RejectCode } from "../event/reject.ts";
import { type Field, isGiven } from "./fields.ts";
import { fix, type Notes, reject } from "./notes.ts";

/** The event's currency, upper case; undefined when none was sent or it is rejected. */
export function readCurrency(field: Field | undefined, notes: Notes): string | undefined {
  if (!isGiven(field)) return undefined;
  const raw = typeof field.value === "string" ? field.value.trim() : "";
  const currency = raw.length === 3 ? raw.toUpperCase() : "";
  if (!CURRENCY_EXPONENTS.has(currency)) return reject(notes, field.pointer, "currency_unknown");
  if (currency !== field.value) fix(notes, "currency:upper");
  return currency;
}

/**
 * An amount in minor units from its exact form, else from major units.
 *
 * @param currencyPointer - where a missing currency belongs
 */
export function readAmount(
  fields: { minor: Field | undefined; major: Field | undefined },
  name: "price" | "value",
  currency: string | undefined,
  currencyPointer: string,
  notes: Notes,
): number | undefined {
  const field = isGiven(fields.minor) ? fields.minor : fields.major;
  if (!isGiven(field)) return undefined;
  const isMinor = field === fields.minor;
  const amount = isMinor ? minorUnits(field.value) : majorUnits(field.value, currency);
  if (amount === undefined) return reject(notes, field.pointer, "money_invalid");
  const negative: RejectCode = name === "price" ? "price_negative" : "value_negative";
  if (amount.valueMinor < 0) return reject(notes, field.pointer, negative);
  if (currency === undefined) return reject(notes, currencyPointer, "currency_missing");
  if (amount.rounded) fix(notes, `${name}:rounded`);
  return amount.valueMinor;
}

function minorUnits(value: unknown): { valueMinor: number; rounded: boolean } | undefined {
  const valueMinor = typeof value === "string" && /^-?\d{1,17}$/.test(value.trim()) ? Number(value) : value;
  if (typeof valueMinor !== "number" || !Number.isInteger(valueMinor)) return undefined;
  return Math.abs(valueMinor) > VALUE_MINOR_MAX ? undefined : { valueMinor: valueMinor + 0, rounded: false };
}

function majorUnits(value: unknown, currency: string | undefined) {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  // Without a currency the amount is only looked at for its own faults.
  const minor = toMinor(value, currency ?? "EUR");
  return minor.ok ? minor.value : undefined;
}

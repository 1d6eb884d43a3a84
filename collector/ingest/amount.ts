import { CURRENCY_EXPONENTS } from "../event/currencies.ts";
import { toMinor, VALUE_MINOR_MAX } from "../event/money.ts";
import type { RejectCode } from "../event/reject.ts";
import { CURRENCY_SIGNS, plainAmount } from "./amount-text.ts";
import { type Field, isGiven } from "./fields.ts";
import { fix, keepOriginal, type Notes, reject, repair } from "./notes.ts";

/** The event's currency, upper case; undefined when none was sent or it is rejected. */
export function readCurrency(field: Field | undefined, notes: Notes): string | undefined {
  if (!isGiven(field)) return undefined;
  const { value } = field;
  if (typeof value !== "string") return reject(notes, field.pointer, "currency_unknown");
  if (CURRENCY_EXPONENTS.has(value)) return value;
  const text = value.trim();
  const upper = text.length === 3 ? text.toUpperCase() : "";
  const currency = CURRENCY_EXPONENTS.has(upper) ? upper : CURRENCY_SIGNS.get(text);
  const isRepaired =
    currency !== undefined &&
    (text === value || repair(notes, "trim", "currency:trim", field)) &&
    (text === currency ||
      (currency === upper
        ? repair(notes, "case", "currency:upper", field)
        : repair(notes, "currencySymbol", "currency:symbol", field)));
  return isRepaired ? currency : reject(notes, field.pointer, "currency_unknown");
}

interface Amount {
  valueMinor: number;
  rounded: boolean;
  /** Zero with a minus before it. */
  isMinusZero: boolean;
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
  const amount =
    field === fields.minor ? minorUnits(field, name, notes) : majorUnits(field, name, currency, notes);
  if (amount === undefined) return reject(notes, field.pointer, "money_invalid");
  const negative: RejectCode = name === "price" ? "price_negative" : "value_negative";
  if (amount.valueMinor < 0) return reject(notes, field.pointer, negative);
  if (amount.isMinusZero && !repair(notes, "negativeZero", `${name}:zero`, field))
    return reject(notes, field.pointer, negative);
  if (currency === undefined) return reject(notes, currencyPointer, "currency_missing");
  if (amount.rounded) {
    fix(notes, `${name}:rounded`);
    keepOriginal(notes, field);
  }
  return amount.valueMinor;
}

function minorUnits(field: Field, name: string, notes: Notes): Amount | undefined {
  let { value } = field;
  if (typeof value === "string") {
    const text = value.trim();
    if (!/^-?\d{1,17}$/.test(text)) return undefined;
    if (text !== value && !repair(notes, "trim", `${name}:trim`, field)) return undefined;
    if (!repair(notes, "numberText", `${name}:number`, field)) return undefined;
    value = Number(text);
  }
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > VALUE_MINOR_MAX)
    return undefined;
  return { valueMinor: value + 0, rounded: false, isMinusZero: Object.is(value, -0) };
}

function majorUnits(
  field: Field,
  name: string,
  currency: string | undefined,
  notes: Notes,
): Amount | undefined {
  const { value } = field;
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const plain = typeof value === "string" ? plainAmount(value, currency) : { text: String(value), fixes: [] };
  if (!plain?.fixes.every(([what, rule]) => repair(notes, rule, `${name}:${what}`, field))) return undefined;
  // Without a currency the amount is only looked at for its own faults.
  const minor = toMinor(plain.text, currency ?? "EUR");
  if (!minor.ok) return undefined;
  const isMinus = Object.is(value, -0) || plain.text.startsWith("-");
  return { ...minor.value, isMinusZero: isMinus && minor.value.valueMinor === 0 };
}

/**
 * What is corrected on the way in, unless a site switches it off. Every rule reads one way only: what could mean
 * two things stays rejected. What a rule loses is kept in the event's `originals`.
 */
export const FIX_RULES = [
  "trim",
  "case",
  "timeUnit",
  "numberText",
  "decimalComma",
  "thousands",
  "currencySymbol",
  "negativeZero",
  "singleItem",
] as const;

export type FixRule = (typeof FIX_RULES)[number];

/** A rule that is not named is on. */
export type FixSwitches = Readonly<Partial<Record<FixRule, boolean | undefined>>>;

export function isOn(switches: FixSwitches, rule: FixRule): boolean {
  return switches[rule] !== false;
}

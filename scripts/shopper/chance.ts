/** Uniform in [0, 1), for example Math.random. */
export type Random = () => number;

export function pick<T>(values: readonly T[], random: Random): T {
  if (values.length === 0) throw new Error("pick needs at least one value");
  return values[Math.min(values.length - 1, Math.floor(random() * values.length))] as T;
}

/** Early values are more likely, about as in a list of bestsellers. */
export function pickPopular<T>(values: readonly T[], random: Random): T {
  return pick(values, () => random() ** 2);
}

export function between(low: number, high: number, random: Random): number {
  return low + random() * (high - low);
}

export function wholeBetween(low: number, high: number, random: Random): number {
  return Math.floor(between(low, high + 1, random));
}

/** One key of `weights`, as often as its share of their sum. */
export function pickWeighted<Key extends string>(weights: Record<Key, number>, random: Random): Key {
  const entries = Object.entries(weights) as [Key, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [key, weight] of entries) {
    left -= weight;
    if (left < 0) return key;
  }
  return entries.at(-1)?.[0] as Key;
}

/** Letters and digits for an id. */
export function token(length: number, random: Random): string {
  return Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join("");
}

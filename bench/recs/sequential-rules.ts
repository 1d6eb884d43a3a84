import type { Contender } from "./contender.ts";

/** Longest distance, in clicks, over which one item leads to another. */
const STEPS = 10;

/** Sequential rules (SR; Kamehkhosh et al. 2017, Ludewig and Jannach 2018): what followed the newest item, by 1 / distance. */
export function sequentialRules(): Contender {
  const tails = new Map<string, string[]>();
  const rules = new Map<string, Map<string, number>>();
  return {
    name: "sr",
    learn({ session, item }) {
      const tail = tails.get(session) ?? [];
      tails.set(session, tail);
      for (let distance = 1; distance <= tail.length; distance++) {
        const before = tail[tail.length - distance] as string;
        const followers = rules.get(before) ?? new Map<string, number>();
        rules.set(before, followers);
        followers.set(item, (followers.get(item) ?? 0) + 1 / distance);
      }
      tail.push(item);
      if (tail.length > STEPS) tail.shift();
    },
    predict(_session, prefix, count) {
      const followers = rules.get(prefix.at(-1) ?? "") ?? new Map<string, number>();
      const best = [...followers].sort((a, b) => b[1] - a[1]);
      return best.slice(0, count).map(([item]) => item);
    },
  };
}

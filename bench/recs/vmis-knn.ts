import type { Contender } from "./contender.ts";

/** Settings of Serenade's paper (Kersbergen et al., SIGMOD 2022) that did best on this data. */
const SESSIONS_PER_ITEM = 500;
const NEIGHBOURS = 100;

/** VMIS-kNN, written for clarity: the yardstick beside which our model is measured. */
export function vmisKnn(): Contender {
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const sessions: string[][] = [];
  /** Session numbers by item, each once, oldest first. */
  const sessionsOf = new Map<string, number[]>();
  const heardOf = new Map<string, number>();

  return {
    name: `vmis-knn m=${SESSIONS_PER_ITEM} k=${NEIGHBOURS}`,
    learn({ session, item }) {
      let number = numbers.get(session);
      if (number === undefined) {
        number = ids.push(session) - 1;
        numbers.set(session, number);
        sessions.push([]);
      }
      const clicked = sessions[number] as string[];
      if (!clicked.includes(item)) {
        const list = sessionsOf.get(item) ?? [];
        list.push(number);
        if (list.length > SESSIONS_PER_ITEM) list.shift();
        sessionsOf.set(item, list);
        heardOf.set(item, (heardOf.get(item) ?? 0) + 1);
      }
      clicked.push(item);
    },
    predict(session, prefix, count) {
      const own = session === undefined ? -1 : (numbers.get(session) ?? -1);
      const positions = new Map<string, number>();
      prefix.forEach((item, at) => {
        positions.set(item, at + 1);
      });
      const similarity = new Map<number, number>();
      for (const [item, position] of positions) {
        for (const number of sessionsOf.get(item) ?? []) {
          if (number === own) continue;
          similarity.set(number, (similarity.get(number) ?? 0) + position / prefix.length);
        }
      }
      const neighbours = [...similarity].sort((a, b) => b[1] - a[1] || b[0] - a[0]).slice(0, NEIGHBOURS);
      const scores = new Map<string, number>();
      for (const [number, alike] of neighbours) {
        const items = sessions[number] as string[];
        const newest = Math.max(...items.map((item) => positions.get(item) ?? 0));
        const back = prefix.length - newest;
        const weight = back < 10 ? 1 - 0.1 * back : 0;
        for (const item of new Set(items)) {
          const rarity = Math.log(sessions.length / (heardOf.get(item) as number));
          scores.set(item, (scores.get(item) ?? 0) + weight * alike * rarity);
        }
      }
      const best = [...scores].sort((a, b) => b[1] - a[1]);
      return best.slice(0, count).map(([item]) => item);
    },
  };
}

import type { Contender } from "./contender.ts";

const SETTINGS = {
  /** Sessions that share an item with the running one: the newest so many may be neighbours, the most similar are. */
  sample: 5000,
  neighbours: 150,
  /** Clicks until an item of the running session weighs 1/e, by its distance from the end. */
  sessionDecay: 3,
  /** Days until a neighbour weighs 1/e. */
  ageDecayDays: 120,
  /** Clicks until an item of a neighbour weighs 1/e, by its distance from the newest shared item there. */
  neighbourDecay: 4,
  /** Clicks until a neighbour weighs 1/e, by how long ago the newest shared item is in the running session. */
  matchDecay: 1.5,
  /** How much the rarity of an item adds to its score. */
  idfWeight: 1,
};

const DAY_MS = 24 * 3_600_000;

interface PastSession {
  items: string[];
  lastMs: number;
}

/**
 * VSTAN (Ludewig, Mauro, Latifi, Jannach, UMUAI 2021): STAN's three decays (Garg et al., SIGIR 2019: place in the running
 * session, age of a neighbour, distance from the shared item in it) with VS-kNN's decay by the newest shared item and
 * its rarity of items.
 */
export function vstan(settings: typeof SETTINGS = SETTINGS): Contender {
  const numbers = new Map<string, number>();
  const sessions: PastSession[] = [];
  /** Session numbers by item, each once, in order of their first click on it. */
  const sessionsOf = new Map<string, number[]>();

  return {
    name: `vstan m=${settings.sample} k=${settings.neighbours}`,
    learn({ session, item, atMs }) {
      let number = numbers.get(session);
      if (number === undefined) {
        number = sessions.push({ items: [], lastMs: atMs }) - 1;
        numbers.set(session, number);
      }
      const past = sessions[number] as PastSession;
      if (!past.items.includes(item)) {
        const list = sessionsOf.get(item) ?? [];
        sessionsOf.set(item, list);
        list.push(number);
      }
      past.items.push(item);
      past.lastMs = atMs;
    },
    predict(session, prefix, count, nowMs) {
      const own = session === undefined ? -1 : (numbers.get(session) ?? -1);
      // An item that was clicked again counts where it was clicked last.
      const backOf = new Map<string, number>();
      prefix.forEach((item, at) => {
        backOf.set(item, prefix.length - 1 - at);
      });
      const scores = new Map<string, number>();
      for (const [number, similarity] of neighbours(backOf, own, nowMs)) {
        const { items } = sessions[number] as PastSession;
        const { at, back } = lastShared(items, backOf);
        const strength = similarity * Math.exp(-back / settings.matchDecay);
        items.forEach((item, i) => {
          if (items.lastIndexOf(item) !== i) return;
          const score = strength * Math.exp(-Math.abs(i - at) / settings.neighbourDecay);
          scores.set(item, (scores.get(item) ?? 0) + score * (1 + settings.idfWeight * rarity(item)));
        });
      }
      const best = [...scores].sort((a, b) => b[1] - a[1]);
      return best.slice(0, count).map(([item]) => item);
    },
  };

  /** The most similar of the newest sessions that share an item: cosine, items weighed by their place. */
  function neighbours(backOf: ReadonlyMap<string, number>, own: number, nowMs: number): [number, number][] {
    const shared = new Map<number, number>();
    for (const [item, back] of backOf) {
      const list = sessionsOf.get(item) ?? [];
      // More of one item than may be looked at in all cannot be among the newest.
      for (let i = list.length - 1; i >= Math.max(0, list.length - settings.sample); i--) {
        const number = list[i] as number;
        if (number !== own)
          shared.set(number, (shared.get(number) ?? 0) + Math.exp(-back / settings.sessionDecay));
      }
    }
    let candidates = [...shared];
    if (candidates.length > settings.sample)
      candidates = candidates.sort((a, b) => b[0] - a[0]).slice(0, settings.sample);
    const similar = candidates.map(([number, sum]): [number, number] => {
      const { items, lastMs } = sessions[number] as PastSession;
      const cosine = sum / Math.sqrt(backOf.size * new Set(items).size);
      return [number, cosine * Math.exp(-Math.max(0, nowMs - lastMs) / DAY_MS / settings.ageDecayDays)];
    });
    return similar.sort((a, b) => b[1] - a[1] || b[0] - a[0]).slice(0, settings.neighbours);
  }

  /** Where the newest item of the running session that a neighbour has is in the neighbour, and how far back it is here. */
  function lastShared(items: readonly string[], backOf: ReadonlyMap<string, number>) {
    let at = -1;
    let back = Number.POSITIVE_INFINITY;
    items.forEach((item, i) => {
      const itemBack = backOf.get(item);
      if (itemBack === undefined || itemBack > back) return;
      at = i;
      back = itemBack;
    });
    return { at, back };
  }

  function rarity(item: string): number {
    return Math.log(sessions.length / (sessionsOf.get(item)?.length ?? 1));
  }
}

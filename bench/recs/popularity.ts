import type { Contender } from "./contender.ts";

/** The most clicked items so far, the same for everyone. */
export function popularity(): Contender {
  const clicks = new Map<string, number>();
  const top: string[] = [];
  return {
    name: "popularity",
    learn({ item }) {
      const count = (clicks.get(item) ?? 0) + 1;
      clicks.set(item, count);
      let at = top.indexOf(item);
      if (at < 0) at = Math.min(top.length, 50);
      while (at > 0 && count > (clicks.get(top[at - 1] as string) ?? 0)) {
        if (at < 50) top[at] = top[at - 1] as string;
        at--;
      }
      if (at < 50) top[at] = item;
    },
    predict: (_session, _prefix, count) => top.slice(0, count),
  };
}

import type { ItemFacts } from "./item-facts.ts";
import type { FedClick } from "./own-clicks.ts";

/** Clicks that one shard accepted, one after the other, as they cross to the others and lie in their journals. */
export interface FeedSlice {
  /** The shard that accepted them, and its life: one that lost its storage counts anew. */
  source: number;
  epoch: number;
  /** Clicks that the source had accepted before the first of these. */
  from: number;
  sessions: number[];
  items: string[];
  /** What events said of an item, by its place in `items`. */
  facts: { item: number; facts: ItemFacts }[];
  sinceS: number;
  /** What clicks came with: keys of a region and of a search term, and what was said of stock; 0 for nothing. */
  marks: { region: number; term: number; stock?: number }[];
  /**
   * Of each click the place of its session, -1 when it is forgotten; the place of its item and its kind; seconds; and the
   * place of its marks.
   */
  clicks: number[];
}

const FIELDS = 4;
const KINDS = 4;

/** Packs clicks that follow each other. @param factsOf - what to say of an item besides, undefined for nothing */
export function packSlice(
  { source, epoch, from }: Pick<FeedSlice, "source" | "epoch" | "from">,
  clicks: readonly (FedClick | undefined)[],
  factsOf: (itemId: string) => ItemFacts | undefined,
): FeedSlice {
  const sessions = new Map<number, number>();
  const items = new Map<string, number>();
  const marks = new Map<string, number>();
  const facts: FeedSlice["facts"] = [];
  const sinceS = clicks.find((click) => click !== undefined)?.timeS ?? 0;
  const numbers = clicks.flatMap((click) => {
    if (!click) return [-1, 0, 0, 0];
    const session = placeOf(sessions, click.session);
    const isNew = !items.has(click.itemId);
    const item = placeOf(items, click.itemId);
    const said = isNew ? factsOf(click.itemId) : undefined;
    if (said) facts.push({ item, facts: said });
    const mark = placeOf(marks, `${click.region ?? 0} ${click.term ?? 0} ${click.stock ?? 0}`);
    return [session, item * KINDS + click.kind, click.timeS - sinceS, mark];
  });
  return {
    ...{ source, epoch, from, sinceS, facts, clicks: numbers },
    ...{ sessions: [...sessions.keys()], items: [...items.keys()] },
    marks: [...marks.keys()].map((mark) => {
      const [region = 0, term = 0, stock = 0] = mark.split(" ").map(Number);
      return stock > 0 ? { region, term, stock } : { region, term };
    }),
  };
}

export function sliceLength({ clicks }: FeedSlice): number {
  return clicks.length / FIELDS;
}

/** The clicks again, from a position of their source on. */
export function unpackSlice(slice: FeedSlice, from: number = slice.from): (FedClick | undefined)[] {
  const clicks: (FedClick | undefined)[] = [];
  for (let at = (from - slice.from) * FIELDS; at < slice.clicks.length; at += FIELDS) {
    const [session = -1, itemAndKind = 0, afterS = 0, mark = 0] = slice.clicks.slice(at, at + FIELDS);
    const { region, term, stock } = slice.marks[mark] ?? { region: 0, term: 0 };
    clicks.push(
      session < 0
        ? undefined
        : {
            session: slice.sessions[session] as number,
            itemId: slice.items[Math.floor(itemAndKind / KINDS)] as string,
            kind: itemAndKind % KINDS,
            timeS: slice.sinceS + afterS,
            ...(region ? { region } : {}),
            ...(term ? { term } : {}),
            ...(stock ? { stock } : {}),
          },
    );
  }
  return clicks;
}

export function factsByItem({ items, facts }: FeedSlice): Map<string, ItemFacts> {
  return new Map(facts.map(({ item, facts: said }) => [items[item] as string, said]));
}

function placeOf<Key>(places: Map<Key, number>, key: Key): number {
  const place = places.get(key) ?? places.size;
  places.set(key, place);
  return place;
}

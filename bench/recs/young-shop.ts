import type { SessionRow } from "./session-file.ts";

const CATEGORIES = 30;
const STYLES = 12;
const SHELF = 1200;
const SESSIONS = 30_000;
const CLICKS_MAX = 6;
/** Of the shelf, what gives way to a new item after each session: the whole range turns over every 4,000 sessions. */
const RENEWED_SHARE = 0.3;

/**
 * Sessions of a shop whose range is always new, from a seed. A shopper has a category and a style in mind and clicks
 * what is of both (60 %), of the category (30 %), or anything; half of the clicks are on the newest fifth of it.
 */
export function youngShop(seed = 1): SessionRow[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const below = (count: number) => Math.floor(random() * count);
  let items = 0;
  const make = () => {
    const [category, style] = [below(CATEGORIES), below(STYLES)];
    return { id: `i${items++}`, category, style, name: `style${style} kind${category} no${items}` };
  };
  const shelf = Array.from({ length: SHELF }, make);
  const rows: SessionRow[] = [];
  for (let n = 0; n < SESSIONS; n++) {
    const [category, style] = [below(CATEGORIES), below(STYLES)];
    const clicks = 2 + below(CLICKS_MAX - 1);
    for (let i = 0; i < clicks; i++) {
      const wish = random();
      const fits = shelf.filter(
        (item) => wish > 0.9 || (item.category === category && (wish > 0.6 || item.style === style)),
      );
      const newest = random() < 0.5 ? fits.slice(-Math.ceil(fits.length / 5)) : fits;
      const item = newest[below(newest.length)];
      if (item === undefined) continue;
      rows.push({
        session: `s${n}`,
        atMs: 1_700_000_000_000 + n * 60_000 + i * 5_000,
        item: item.id,
        kind: "view",
        split: "train",
        category: `kind${item.category}`,
        name: item.name,
      });
    }
    if (random() < RENEWED_SHARE) {
      shelf.shift();
      shelf.push(make());
    }
  }
  return rows;
}

/** A saved question: a file of queries/, whose first line is a comment that says it in words. */
export interface Question {
  /** Name of the file without `.sql`; in links. */
  id: string;
  title: string;
  sql: string;
}

const FILES = import.meta.glob<string>("./queries/*.sql", { query: "?raw", import: "default", eager: true });

/** The order of the list; questions that are not named here follow. */
const ORDER = [
  "page-views-per-minute",
  "top-products-by-views",
  "top-products-by-revenue",
  "gmv-per-day",
  "funnel",
  "searches-without-click",
  "carts-left-behind",
  "viewed-next",
  "recommendations-by-placement",
];

export const QUESTIONS: readonly Question[] = Object.entries(FILES)
  .map(([path, sql]) => toQuestion(path, sql))
  .sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id));

function toQuestion(path: string, sql: string): Question {
  const id = path.slice(path.lastIndexOf("/") + 1, -".sql".length);
  const title = /^-- (.+)/.exec(sql)?.[1] ?? id;
  return { id, title, sql: sql.trim() };
}

function rank({ id }: Question): number {
  const place = ORDER.indexOf(id);
  return place < 0 ? ORDER.length : place;
}

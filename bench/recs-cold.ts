// What a session gets that has clicked one item which hardly anybody clicked before:
//   npm run bench:recs-cold [-- --data FILE] [--limit ROWS]
// Rows are replayed by time; after the first click of a session, when its item had fewer than 5 clicks by then, the
// list is judged by the next click. Without FILE the shop is a generated one with categories, names and a range that is
// always new. The same clicks are learned three times: with nothing said of the items, with their categories, and
// with names too. A file without columns `category` and `name` has only the first.
import { parseArgs } from "node:util";
import { SessionModel } from "../collector/recommend/session-model.ts";
import { LIST_LENGTH, Quality } from "./recs/quality.ts";
import { readSessionFile, type SessionRow } from "./recs/session-file.ts";
import { youngShop } from "./recs/young-shop.ts";

const COLD_CLICKS = 5;

const { values: options } = parseArgs({ options: { data: { type: "string" }, limit: { type: "string" } } });
const rowsMax = Number(options.limit ?? Number.POSITIVE_INFINITY);
const rows =
  options.data === undefined ? youngShop().slice(0, rowsMax) : await readSessionFile(options.data, rowsMax);
rows.sort((a, b) => a.atMs - b.atMs);

const said: [string, (row: SessionRow) => object | undefined][] = [["nothing", () => undefined]];
if (rows.some(({ category }) => category)) said.push(["category", ({ category }) => ({ category })]);
if (rows.some(({ name }) => name))
  said.push(["category and name", ({ category, name }) => ({ category, name })]);

const table: Record<string, Record<string, number>> = {};
for (const [label, say] of said) table[`${label} said of items`] = judge(say);
console.log(`${rows.length} events of ${options.data ?? "the generated shop"}`);
console.table(table);

function judge(say: (row: SessionRow) => object | undefined): Record<string, number> {
  const model = new SessionModel();
  const quality = new Quality();
  const clicks = new Map<string, number>();
  const lengths = new Map<string, number>();
  const first = new Map<string, string>();
  for (const row of rows) {
    const { session, item, kind, atMs } = row;
    const length = lengths.get(session) ?? 0;
    const before = first.get(session) ?? item;
    // A reload of the same item asks for nothing.
    if (length === 1 && item !== before && (clicks.get(before) ?? 0) < COLD_CLICKS) {
      const list = model.recommend({ session, limit: LIST_LENGTH, nowMs: atMs });
      quality.add(
        list.map(({ id }) => id),
        item,
      );
    }
    if (length === 0) first.set(session, item);
    lengths.set(session, length + 1);
    clicks.set(item, (clicks.get(item) ?? 0) + 1);
    model.learn({ session, itemId: item, kind, occurredAtMs: atMs, item: say(row) });
  }
  const rounded = (value: number) => Number(value.toFixed(4));
  return {
    queries: quality.queries,
    "HR@20": rounded(quality.hitRate()),
    "MRR@20": rounded(quality.reciprocalRank()),
  };
}

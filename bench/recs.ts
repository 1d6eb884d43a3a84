// How good and how fast the recommendations are, on any session file:
//   npm run bench:recs -- --data FILE --protocol online|offline [--limit ROWS]
// online:  replay all rows by time; before each click that has a prefix, predict it, then learn it. The last 15 %
//          of the rows are judged. This is how the product works.
// offline: learn the rows of split `train`, freeze, predict every prefix of split `test`. As in the papers.
// Both let the item looked at now be predicted, as the published figures do. `served` is the same list as a shop
// gets it, without that item; a click on it again then counts as a miss.
import { parseArgs } from "node:util";
import { SessionModel } from "../collector/recommend/session-model.ts";
import type { Contender } from "./recs/contender.ts";
import { usedMb } from "./recs/memory.ts";
import { popularity } from "./recs/popularity.ts";
import { LIST_LENGTH, Quality, Times } from "./recs/quality.ts";
import { sequentialRules } from "./recs/sequential-rules.ts";
import { readSessionFile, type SessionRow } from "./recs/session-file.ts";
import { vmisKnn } from "./recs/vmis-knn.ts";
import { vstan } from "./recs/vstan.ts";

/** Share of the rows, at the end, that the online protocol judges. */
const JUDGED_SHARE = 0.15;
/** Events between two checkpoints: 64 commits of 20. */
const CHECKPOINT_EVENTS = 64 * 20;

/** What one contender has shown. */
interface Judged {
  name: string;
  figures: Record<string, number>;
  more: Record<string, number>;
}

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    protocol: { type: "string", default: "online" },
    limit: { type: "string" },
  },
});
if (options.data === undefined || !["online", "offline"].includes(options.protocol)) {
  console.error("usage: npm run bench:recs -- --data FILE --protocol online|offline [--limit ROWS]");
  process.exit(2);
}

const rows = await readSessionFile(options.data, Number(options.limit ?? Number.POSITIVE_INFINITY));
rows.sort((a, b) => a.atMs - b.atMs);
const items = new Set(rows.map(({ item }) => item)).size;
/** Clicks of each item in the whole file: what `popularity bias` is measured against. */
const clicksOf = new Map<string, number>();
for (const { item } of rows) clicksOf.set(item, (clicksOf.get(item) ?? 0) + 1);
const isOnline = options.protocol === "online";
console.log(`${rows.length} events, ${items} items, protocol ${options.protocol}`);

const contenders = [popularity, sequentialRules, vmisKnn, vstan, () => tidemark(false), () => tidemark(true)];
const judged = contenders.map(judge);
console.table(Object.fromEntries(judged.map(({ name, figures }) => [name, figures])));
console.table(Object.fromEntries(judged.map(({ name, more }) => [name, more])));
if (isOnline) console.table(Object.fromEntries([measureCheckpoints()]));

/** Our model; without the ranker its lists are the fixed blend of the parts. */
function tidemark(isRanked: boolean): Contender {
  const model = new SessionModel({}, isRanked);
  return {
    name: isRanked ? "tidemark" : "tidemark, fixed blend",
    learn: (row) => model.learn(toClick(row)),
    predict: (session, recent, limit, nowMs) =>
      model.recommend({ session, recent, limit, nowMs, unfiltered: true }).map(({ id }) => id),
  };
}

function judge(contend: () => Contender): Judged {
  const contenders = [contend()];
  const { name } = contenders[0] as Contender;
  const { quality, served, predicting, learning } = replay(contenders[0] as Contender);
  const withIt = usedMb();
  contenders.pop();
  const memoryMb = withIt - usedMb();
  if (quality.queries === 0)
    throw new Error("nothing to judge: the offline protocol needs rows of split `test`");
  return {
    name,
    figures: {
      queries: quality.queries,
      "HR@20": rounded(quality.hitRate(), 4),
      "MRR@20": rounded(quality.reciprocalRank(), 4),
      "served HR@20": rounded(served.hitRate(), 4),
      "served MRR@20": rounded(served.reciprocalRank(), 4),
      coverage: rounded(quality.coverage(items), 3),
      "popularity bias": rounded(quality.popularityBias(clicksOf), 3),
      "predict p50 µs": rounded(predicting.quantileUs(0.5), 1),
      "predict p90 µs": rounded(predicting.quantileUs(0.9), 1),
      "predict p99 µs": rounded(predicting.quantileUs(0.99), 1),
      "learn µs": rounded(learning.meanUs(), 2),
    },
    more: {
      "HR@5": rounded(quality.hitRate(5), 4),
      "MRR@5": rounded(quality.reciprocalRank(5), 4),
      "HR@10": rounded(quality.hitRate(10), 4),
      "MRR@10": rounded(quality.reciprocalRank(10), 4),
      "learn p50 µs": rounded(learning.quantileUs(0.5), 1),
      "learn p90 µs": rounded(learning.quantileUs(0.9), 1),
      "learn p99 µs": rounded(learning.quantileUs(0.99), 1),
      // Without the ids that it shares with the rows.
      "memory MB": rounded(memoryMb, 1),
    },
  };
}

function replay(contender: Contender) {
  const [quality, served] = [new Quality(), new Quality()];
  const [predicting, learning] = [new Times(), new Times()];
  const prefixes = new Map<string, string[]>();
  const judgedFrom = Math.floor(rows.length * (1 - JUDGED_SHARE));
  rows.forEach((row, at) => {
    const prefix = prefixes.get(row.session) ?? [];
    prefixes.set(row.session, prefix);
    const isJudged = isOnline ? at >= judgedFrom : row.split === "test";
    if (isJudged && prefix.length > 0) {
      const session = isOnline ? row.session : undefined;
      // One more than is judged, so that the served list is still full without the item looked at now.
      const list = predicting.measure(() => contender.predict(session, prefix, LIST_LENGTH + 1, row.atMs));
      quality.add(list.slice(0, LIST_LENGTH), row.item);
      const current = prefix.at(-1);
      served.add(list.filter((item) => item !== current).slice(0, LIST_LENGTH), row.item);
    }
    if (isOnline || row.split !== "test") learning.measure(() => contender.learn(row));
    prefix.push(row.item);
  });
  return { quality, served, predicting, learning };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** What durable state costs: a second model takes its pages every 64 commits, then is loaded again from them. */
function measureCheckpoints(): [string, Record<string, number>] {
  const live = new SessionModel();
  const stored = new Map<string, Uint8Array>();
  const times = new Times();
  let pages = 0;
  let pagesMax = 0;
  let bytes = 0;
  let checkpoints = 0;
  rows.forEach((row, at) => {
    live.learn(toClick(row));
    if ((at + 1) % CHECKPOINT_EVENTS !== 0) return;
    const dirty = times.measure(() => live.takeDirtyPages());
    checkpoints++;
    pages += dirty.length;
    pagesMax = Math.max(pagesMax, dirty.length);
    for (const page of dirty) {
      bytes += page.bytes?.length ?? 0;
      if (page.bytes === null) stored.delete(page.key);
      else stored.set(page.key, page.bytes);
    }
  });
  const loading = new Times();
  loading.measure(() => SessionModel.load([...stored].map(([key, of]) => ({ key, bytes: of }))));
  return [
    "checkpoint",
    {
      "dirty pages": Number((pages / checkpoints).toFixed(2)),
      "dirty pages max": pagesMax,
      "KB written": Math.round(bytes / checkpoints / 1000),
      "take p50 µs": Math.round(times.quantileUs(0.5)),
      "take p99 µs": Math.round(times.quantileUs(0.99)),
      "pages in all": stored.size,
      "MB in all": Number(([...stored.values()].reduce((sum, of) => sum + of.length, 0) / 1e6).toFixed(1)),
      "load ms": Math.round(loading.quantileUs(1) / 1000),
    },
  ];
}

function toClick({ session, item, kind, atMs }: SessionRow): Parameters<SessionModel["learn"]>[0] {
  return { session, itemId: item, kind, occurredAtMs: atMs };
}

// Whether recommendations are as good on many shards as on one, on any session file:
//   npm run bench:recs-shards -- --data FILE [--shards 8] [--limit ROWS]
// Replays all rows by time, as `bench:recs -- --protocol online` does, and judges the last 15 %. Sessions are spread as
// the product spreads them; what one shard accepts the others learn a second of stream time later, by the same slices.
import { parseArgs } from "node:util";
import { shardOf } from "../collector/ingest/partition.ts";
import { sliceLength } from "../collector/recommend/feed-slice.ts";
import { SessionModel } from "../collector/recommend/session-model.ts";
import { FEED_CLICKS_MAX } from "../collector/shard/feed.ts";
import { FeedState } from "../collector/shard/feed-state.ts";
import { LIST_LENGTH, Quality } from "./recs/quality.ts";
import { readSessionFile } from "./recs/session-file.ts";

const JUDGED_SHARE = 0.15;
/** How long a click needs to the other shards. */
const DELAY_MS = 1_000;

/** One shard as far as recommendations go. */
class Place {
  readonly model = new SessionModel();
  readonly feed = new FeedState();
}

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    shards: { type: "string", default: "8" },
    limit: { type: "string" },
  },
});
if (options.data === undefined) {
  console.error("usage: npm run bench:recs-shards -- --data FILE [--shards 8] [--limit ROWS]");
  process.exit(2);
}

const rows = await readSessionFile(options.data, Number(options.limit ?? Number.POSITIVE_INFINITY));
rows.sort((a, b) => a.atMs - b.atMs);
const shards = Number(options.shards);
console.log(`${rows.length} events`);
console.table({
  "1 shard": replay(1, false),
  [`${shards} shards that know only their own`]: replay(shards, false),
  [`${shards} shards, one model`]: replay(shards, true),
});

function replay(count: number, isFed: boolean): Record<string, number> {
  const places = Array.from({ length: count }, () => new Place());
  const quality = new Quality();
  const prefixes = new Map<string, string[]>();
  const judgedFrom = Math.floor(rows.length * (1 - JUDGED_SHARE));
  const onTheirWay: { source: number; dueMs: number }[] = [];
  let arrived = 0;
  let characters = 0;

  for (const [at, { session, item, kind, atMs }] of rows.entries()) {
    while (isFed && (onTheirWay[arrived]?.dueMs ?? Number.POSITIVE_INFINITY) <= atMs) {
      const { source } = onTheirWay[arrived] as { source: number };
      // What is due of one source goes together, as in a slice.
      let clicksMax = 1;
      while (
        clicksMax < FEED_CLICKS_MAX &&
        onTheirWay[arrived + clicksMax]?.source === source &&
        (onTheirWay[arrived + clicksMax]?.dueMs as number) <= atMs
      )
        clicksMax++;
      characters += bring(places, source, clicksMax);
      arrived += clicksMax;
    }
    const owner = shardOf(session, count);
    const { model, feed } = places[owner] as Place;
    const prefix = prefixes.get(session) ?? [];
    prefixes.set(session, prefix);
    if (at >= judgedFrom && prefix.length > 0) {
      const asked = { session, recent: prefix, limit: LIST_LENGTH, nowMs: atMs, unfiltered: true };
      quality.add(
        model.recommend(asked).map(({ id }) => id),
        item,
      );
    }
    const learned = model.learn({ session, itemId: item, kind, occurredAtMs: atMs });
    if (learned) feed.addOwn(item, learned, count === 1);
    onTheirWay.push({ source: owner, dueMs: atMs + DELAY_MS });
    prefix.push(item);
  }
  const rounded = (value: number): number => Number(value.toFixed(4));
  return {
    queries: quality.queries,
    "HR@20": rounded(quality.hitRate()),
    "MRR@20": rounded(quality.reciprocalRank()),
    "HR@5": rounded(quality.hitRate(5)),
    "MRR@5": rounded(quality.reciprocalRank(5)),
    "learned by a shard": Math.round(
      places.reduce((sum, { model }) => sum + model.counts.learned, 0) / places.length,
    ),
    "characters a click in a journal": Number((characters / Math.max(1, arrived)).toFixed(1)),
  };
}

/** The next clicks of one shard to all others. Returns what they are in a journal. */
function bring(places: readonly Place[], source: number, clicksMax: number): number {
  const { model, feed } = places[source] as Place;
  const epoch = 1;
  const position = (places.find((_, n) => n !== source) as Place).feed.position({ source, epoch }) ?? 0;
  const slice = feed.slice(
    model,
    { source, epoch, position },
    { clicksMax, walkMax: Number.POSITIVE_INFINITY },
  );
  if (sliceLength(slice) !== clicksMax) throw new Error(`${sliceLength(slice)} of ${clicksMax} clicks`);
  for (const [receiver, place] of places.entries())
    if (receiver !== source) place.feed.learn(slice, place.model);
  return JSON.stringify(slice).length;
}

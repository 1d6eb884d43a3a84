import type { Mutant } from "./mutant.ts";

const STATE = "collector/shard/feed-state.ts";
const FEED = "collector/shard/feed.ts";
const SHARD = "collector/shard/shard.ts";
const DURABLE = "collector/shard/durable-shard.ts";

/** What shards learn of each other. */
export const FEED_MUTANTS: Mutant[] = [
  {
    name: "a slice that overlaps what is known is learned whole",
    file: STATE,
    find: "unpackSlice(offer, position), (itemId)",
    replace: "unpackSlice(offer), (itemId)",
  },
  {
    name: "how far others are known is in no checkpoint",
    file: SHARD,
    find: "      feed: this.feed.save(),\n",
    replace: "      feed: { ...this.feed.save(), cursors: [] },\n",
  },
  {
    name: "what others accepted is learned and not journaled",
    file: DURABLE,
    find: "      record.feeds = feeds;\n",
    replace: "",
  },
  {
    name: "a shard that takes over a model loses its own clicks",
    file: FEED,
    find: "if (click) model.learnFed(click, facts.get(click.itemId), true);",
    replace: "if (!click) model.learnFed(click as never, facts.get(''), true);",
  },
  {
    name: "a new shard is told nothing of what all others know",
    file: SHARD,
    find: "if (shardsNow(map) > shardsNow(this.#map ?? [])) this.feed.isNewsAgain();",
    replace: "",
  },
  {
    name: "a shard tells others of clicks before they are on disk",
    file: "collector/shard/durable-shard.ts",
    find: "    return this.#onDisk(this.#feed.offer(query));",
    replace: "    return this.#feed.offer(query);",
  },
];

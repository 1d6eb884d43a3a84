import type { OverviewReport } from "../event/report.ts";
import { FeedRelay } from "../rollup/feed-relay.ts";
import { type PullShard, Rollup } from "../rollup/rollup.ts";
import type { FeedCaller } from "../shard/feed.ts";
import type { ShardMap } from "../shard/shard-map.ts";
import { expect } from "./checker.ts";
import { copy } from "./copy.ts";
import { type Edge, SITE } from "./edge.ts";
import type { ShardHost } from "./shard-host.ts";
import type { World } from "./world.ts";

const ASK_EVERY_MS = 8_000;

/** Shortest time between two rounds of the feed, and how late a repeated call may come. */
const FEED_EVERY_MS = 500;
const REPEATED_WITHIN_MS = 5_000;

/** A rollup that is asked now and then, while everything goes wrong around it. */
export class RollupHost {
  readonly #world: World;
  readonly #edge: Edge;
  readonly #hosts: readonly ShardHost[];
  #rollup: Rollup;
  #feedRelay: FeedRelay;

  constructor(world: World, edge: Edge, hosts: readonly ShardHost[]) {
    this.#world = world;
    this.#edge = edge;
    this.#hosts = hosts;
    this.#rollup = this.#start();
    this.#feedRelay = this.#startRelay();
    for (let at = world.random.int(1, 8); at > 0; at--)
      world.at(world.random.int(1, 8 * ASK_EVERY_MS), () => world.spawn(this.#ask()));
  }

  get rollup(): Rollup {
    return this.#rollup;
  }

  /** A shard has news for the others. */
  async relay(map: ShardMap, caller: FeedCaller): Promise<number> {
    if (this.#world.fault("feed.relayRestart")) {
      this.#feedRelay = this.#startRelay();
      throw new Error("the rollup began anew");
    }
    return this.#feedRelay.relay(map, caller);
  }

  #startRelay(): FeedRelay {
    const world = this.#world;
    const hostOf = (shard: number): ShardHost => this.#hosts[shard] as ShardHost;
    return new FeedRelay({
      nowMs: () => world.nowMs,
      pause: () => world.sleep(world.random.int(1, FEED_EVERY_MS)),
      feed: async (shard, { position, ...query }) => {
        const asked = world.fault("feed.behind") ? world.random.int(0, position) : position;
        const host = hostOf(shard);
        return host.call(async (durable) => {
          const offer = await durable.feed({ ...query, position: asked });
          host.tellsClicks(offer);
          return offer;
        });
      },
      learn: async (shard, offers) => {
        const learn = () => hostOf(shard).call((durable) => durable.learnOthers(SITE, copy(offers)));
        const cursors = await learn();
        if (offers.length > 0) world.reach("feed.learned");
        if (world.fault("feed.repeated")) await learn();
        if (world.fault("feed.repeated"))
          world.at(world.random.int(1, REPEATED_WITHIN_MS), () => void learn().catch(() => {}));
        if (world.fault("feed.lost")) throw new Error("the answer was lost");
        return cursors;
      },
    });
  }

  #start(): Rollup {
    const world = this.#world;
    const hostOf = (shard: number): ShardHost => this.#hosts[shard] as ShardHost;
    const pull: PullShard = async (shard, query) => {
      const host = hostOf(shard);
      const again = () =>
        host.call(async (durable) => {
          const answer = await durable.pull(query);
          host.tells(answer.lsn);
          return answer;
        });
      const answer = await again();
      if (world.fault("pull.lost")) throw new Error("the answer was lost");
      // The first answer comes after the second.
      if (world.fault("pull.repeated")) await again();
      if (answer.more) world.reach("pull.cut");
      return answer;
    };
    return new Rollup(pull, (shard, orderIds) =>
      hostOf(shard).call((durable) => durable.orderTimes(orderIds)),
    );
  }

  /** A report has every event whose receipt had left before it was asked for, and none that was not delivered. */
  async #ask(): Promise<void> {
    const { deliveries } = this.#edge;
    if (this.#world.fault("rollup.restart")) this.#rollup = this.#start();
    const atLeast = deliveries.reduce((sum, { receipt }) => sum + (receipt?.accepted ?? 0), 0);
    let events: number;
    try {
      const query = { site: SITE, shards: this.#hosts.length, nowMs: this.#world.nowMs };
      const report = await this.#rollup.report("overview", query);
      if (!report.ok) return;
      events = (report.value as OverviewReport).totals.events;
    } catch (error) {
      return this.#world.note(`report failed: ${String(error)}`);
    }
    const atMost = new Set(
      deliveries.flatMap(({ batch }) => batch.events.map(({ seq }) => `${batch.stream}:${seq}`)),
    ).size;
    this.#world.note(`report has ${events} of ${atLeast} to ${atMost}`);
    expect(events >= atLeast, "G6", `a report has ${events} events after receipts for ${atLeast}`);
    expect(events <= atMost, "G2", `a report has ${events} events of ${atMost} that were delivered`);
  }
}

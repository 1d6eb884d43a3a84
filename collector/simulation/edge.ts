import type { Hints, Receipt } from "../event/batch.ts";
import type { EventBatch } from "../event/event.ts";
import { decodeBatch } from "../ingest/decode.ts";
import type { DurableShard, Overloaded } from "../shard/durable-shard.ts";
import type { Moved } from "../shard/handover.ts";
import { ownerOf, type ShardMap, type ShardMapVersion } from "../shard/shard-map.ts";
import { copy } from "./copy.ts";
import { ObjectGone, type ShardHost } from "./shard-host.ts";
import type { World } from "./world.ts";

export const SITE = "sim";
/** Times that a call is led on to another shard. */
const MOVES_MAX = 4;

export interface EdgeAnswer {
  status: number;
  body: unknown;
  retryAfterS?: number;
  contentType?: string;
}

/** What an overloaded shard asks of pages: half of the metrics, no logs. */
const SAMPLED: Hints = { flushMs: 2_000, sample: { metric: 0.5, log: 0 } };

/** A receipt is named by its shard and its record. */
function lsnOf({ receipt }: Receipt): number {
  return Number(receipt.slice(receipt.indexOf("-") + 1));
}

/** A batch as it left the edge for its shard, and what came back. */
export interface Delivery {
  shard: number;
  batch: EventBatch;
  receipt?: Receipt;
}

/** The stateless collector in front of the shards: what worker/routes/batches.ts does, without HTTP. */
export class Edge {
  readonly deliveries: Delivery[] = [];
  /** What probes were told: those positions must be there for ever. */
  readonly told: { stream: string; ranges: [number, number][] }[] = [];
  readonly #world: World;
  readonly #shards: readonly ShardHost[];
  #map: ShardMapVersion[];

  /** @param count - shards at first */
  constructor(world: World, shards: readonly ShardHost[], count: number) {
    this.#world = world;
    this.#shards = shards;
    this.#map = [{ shards: count }];
  }

  /** From now on, but for the isolates that still run with the configuration before. */
  reshard(shards: number): void {
    this.#world.note(`the site has ${shards} shards now`);
    this.#map = [...this.#map, { shards, sinceMs: this.#world.nowMs }];
  }

  async post(text: string, visitor: string): Promise<EdgeAnswer> {
    const world = this.#world;
    if (world.fault("edge.error")) return { status: 500, body: {} };
    if (world.fault("edge.overloaded"))
      return { status: 503, body: { next: SAMPLED }, retryAfterS: world.random.int(1, 20) };
    if (world.fault("edge.tooLarge")) return { status: 413, body: {} };
    if (world.fault("edge.stranger"))
      return { status: world.random.pick([200, 401, 404]), contentType: "text/html", body: undefined };
    const batch = decodeBatch(JSON.parse(text), {
      site: SITE,
      receivedAtMs: world.nowMs,
      derivedVisitor: visitor,
    });
    if (!batch.ok) return { status: 400, body: { errors: batch.reason } };
    if (batch.value.dropped?.sampled) world.reach("sdk.sampled");
    const answer = await this.#callOwner(batch.value.session, async (host, map) => {
      const delivery: Delivery = { shard: host.shard, batch: batch.value };
      this.deliveries.push(delivery);
      const given = await host.call(async (durable) => {
        const decided = await durable.ingest(copy(batch.value), copy(map));
        if ("receipt" in decided) host.tells(lsnOf(decided));
        return decided;
      });
      if ("receipt" in given) delivery.receipt = given;
      return given;
    });
    if (!answer || "unknown" in answer) return { status: 503, body: {}, retryAfterS: 2 };
    if ("overloaded" in answer) return this.#overloaded(answer);
    return { status: 200, body: answer };
  }

  async probe(stream: string, session: string): Promise<EdgeAnswer> {
    this.#world.reach("sdk.probe");
    const ranges = await this.#callOwner(session, (host, map) =>
      host.call((durable: DurableShard) => durable.probe(stream, { site: SITE, session, map: copy(map) })),
    );
    if (!ranges || "unknown" in ranges) return { status: 503, body: {}, retryAfterS: 2 };
    this.told.push({ stream, ranges });
    return { status: 200, body: { stream, ranges } };
  }

  /** Follows a shard that knows a newer map, and calls once more where a call failed; see worker/shards.ts. */
  async #callOwner<Answer extends object>(
    session: string,
    call: (host: ShardHost, map: ShardMap) => Promise<Answer | Moved>,
  ): Promise<Answer | undefined> {
    let map: ShardMap = this.#map;
    if (map.length > 1 && this.#world.fault("edge.formerMap")) map = map.slice(0, -1);
    for (let moves = 0; moves <= MOVES_MAX; moves++) {
      const host = this.#shards[ownerOf(map, session)] as ShardHost;
      const current = map;
      const answer = await this.#withRetry(() => call(host, current));
      if (answer === undefined || !("moved" in answer)) return answer as Answer | undefined;
      this.#world.reach("reshard.moved");
      map = answer.moved;
    }
    return undefined;
  }

  async #withRetry<Answer>(run: () => Promise<Answer>): Promise<Answer | undefined> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof ObjectGone)) this.#world.note(`call failed: ${String(error)}`);
        if (tries === 0) this.#world.reach("call.secondTry");
      }
    }
    return undefined;
  }

  #overloaded({ retryAfterMs, next }: Overloaded): EdgeAnswer {
    this.#world.reach("journal.full");
    return { status: 503, body: { next }, retryAfterS: Math.ceil(retryAfterMs / 1_000) };
  }
}

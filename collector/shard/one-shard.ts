import type { Receipt } from "../event/batch.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { MemoryBucket } from "../lake/memory-bucket.ts";
import { DurableShard, type ShardPorts } from "./durable-shard.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { SHARD_LIMITS, type ShardLimits } from "./shard-limits.ts";
import type { ShardStore } from "./shard-store.ts";

/** One shard with its disk and bucket, for tests: `restart` is a crash, and what the next incarnation makes of the disk. */
export class OneShard {
  readonly disk: MemoryDisk;
  readonly bucket: MemoryBucket = new MemoryBucket(async (bytes) => `sha of ${bytes.length}`);
  readonly #more: Partial<ShardPorts>;
  readonly #limits: ShardLimits;
  shard: DurableShard;
  /** What stands between the next incarnation and its disk. */
  throughStore: (store: ShardStore) => ShardStore = (store) => store;
  /** Why incarnations ended by themselves. */
  readonly aborted: unknown[] = [];

  /** @param more - ports of its own, and what stands between it and its disk */
  constructor(
    more: Partial<ShardPorts> = {},
    limits: Partial<ShardLimits> = {},
    disk: MemoryDisk = new MemoryDisk(),
  ) {
    this.#more = more;
    this.#limits = { ...SHARD_LIMITS, ...limits };
    this.disk = disk;
    this.shard = this.#start();
  }

  /** @param survivors - of the transactions that were not synced, how many reached the disk; the oldest ones */
  restart(survivors: number = Number.MAX_SAFE_INTEGER): void {
    this.disk.crash(survivors);
    this.shard = this.#start();
  }

  async take(batch: EventBatch): Promise<Receipt> {
    const answer = await this.shard.ingest(copy(batch));
    if (!("receipt" in answer)) throw new Error(Object.keys(answer).join());
    return answer;
  }

  #start(): DurableShard {
    return new DurableShard({
      store: this.throughStore(this.disk.open()),
      bucket: this.bucket,
      encodePart: ({ key, rows }) => new Uint8Array(key.length + rows.length),
      decodePart: async () => {
        throw new Error("these parts have no rows; give the ports of real ones");
      },
      sha256Hex: async (bytes) => `sha of ${bytes.length}`,
      limits: this.#limits,
      nowMs: () => 1_790_000_000_000,
      shard: 0,
      handOver: () => Promise.reject(new Error("there is no other shard")),
      lakeAgeMs: 60_000,
      onCommitted: () => {},
      relay: async () => 0,
      copyOf: () => Promise.reject(new Error("there is no other shard")),
      retention: () => ({}),
      tellShards: async () => {},
      forgetElsewhere: async () => {},
      onLakeFailed: () => {},
      abort: (error) => this.aborted.push(error),
      ...this.#more,
    });
  }
}

/** A batch of one stream; events have the `seq` they are given, or follow each other from 0. */
export function batchOf(
  stream: string,
  events: (Partial<TidemarkEvent> & { name: string })[],
  more: Partial<EventBatch> = {},
): EventBatch {
  const seq = more.seq ?? 0;
  return {
    site: "shop",
    source: "web",
    session: `session of ${stream}`,
    stream,
    seq,
    count: events.length,
    visitor: `visitor of ${stream}`,
    receivedAtMs: 1_790_000_000_000,
    rejects: [],
    ...more,
    events: events.map((event, at) => ({
      seq: seq + at,
      occurredAtMs: 1_790_000_000_000 + at,
      isPageView: event.name === "page_view",
      ...event,
    })),
  };
}

/** A batch as it comes out of an RPC: nobody else has it. */
function copy(batch: EventBatch): EventBatch {
  return JSON.parse(JSON.stringify(batch)) as EventBatch;
}

import type { MemoryBucket } from "../lake/memory-bucket.ts";
import { expect } from "./checker.ts";
import { decodePart } from "./fake-part.ts";
import type { ShardHost } from "./shard-host.ts";
import type { World } from "./world.ts";

const READS_MAX = 5;
const READ_AFTER_MS = 90_000;
/** A reader takes its time between the manifest and the parts. */
const PAUSE_MS = 3_000;

/** Somebody who reads the lake by its manifests, at any moment: each event is there, and once. */
export class LakeReader {
  readonly #world: World;
  readonly #bucket: MemoryBucket;

  constructor(world: World, hosts: readonly ShardHost[], bucket: MemoryBucket) {
    this.#world = world;
    this.#bucket = bucket;
    for (const host of hosts)
      for (let reads = world.random.int(0, READS_MAX); reads > 0; reads--)
        world.at(world.random.int(1, READ_AFTER_MS), () => world.spawn(this.#read(host)));
  }

  async #read(host: ShardHost): Promise<void> {
    const world = this.#world;
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const answer = await host
      .call(async (durable) => {
        const accepted = durable.positions.acceptedEvents;
        const lake = await durable.lake(range);
        host.tells(lake.cut.committedLsn);
        return { accepted, ...lake };
      })
      .catch(() => undefined);
    if (!answer) return;
    await world.sleep(world.random.int(0, PAUSE_MS));
    const seen = new Set<string>();
    for (const { key } of answer.parts) {
      const stored = this.#bucket.objects.get(key);
      expect(stored !== undefined, "G1", `part ${key} of the manifest is not in the bucket`);
      for (const { batch, event } of decodePart(stored?.content ?? new Uint8Array())) {
        const id = `${batch.stream}:${event.seq}`;
        expect(!seen.has(id), "G2", `${id} is twice in the parts of one manifest`);
        seen.add(id);
      }
    }
    const { pendingEvents, flushedLsn } = answer.cut;
    world.note(`the lake of shard ${host.shard} has ${seen.size} up to ${flushedLsn}, ${pendingEvents} wait`);
    expect(
      seen.size + pendingEvents >= answer.accepted,
      "G1",
      `the lake of shard ${host.shard} has ${seen.size} events, ${pendingEvents} wait, ${answer.accepted} were accepted`,
    );
  }
}

import fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogItem, CatalogNews, Heard } from "../event/catalog.ts";
import { Catalog } from "./catalog.ts";
import { CatalogDelivery } from "./delivery.ts";
import { memoryStore } from "./memory-store.ts";
import { isBarred } from "./merge-item.ts";
import { type CatalogCopy, CatalogReplica } from "./replica.ts";

const NOW_MS = 1_790_000_000_000;
/** So small that whoever missed a few versions reads all there is, in several pieces. */
const TINY = { logSlots: 3, unfoldedRows: 2, pageUnits: 60 };
const SHARDS = 3;
const ITEMS = 3;

/** A copy that is written to its disk only now and then, as the pages of a shard are. */
class Copy implements CatalogCopy {
  heard: Heard = { epoch: "", version: 0 };
  items = new Map<string, CatalogItem>();
  hear(items: readonly CatalogItem[], _rules: unknown, heard: Heard): void {
    for (const item of items) this.items.set(item.id, item);
    this.heard = heard;
  }
  forget(): void {
    this.items.clear();
    this.heard = { epoch: "", version: 0 };
  }
}

/** A master and its shards, in which every message takes as long as the schedule says and may get lost. */
class World {
  readonly store = memoryStore();
  master: { catalog: Catalog; delivery: CatalogDelivery } = this.startMaster();
  readonly disks = Array.from({ length: SHARDS }, () => ({
    mark: undefined as "none" | "used" | undefined,
    copy: new Copy(),
  }));
  readonly shards = this.disks.map((_, shard) => this.startShard(shard));
  readonly #scheduler: fc.Scheduler;
  readonly #isLost: () => boolean;

  constructor(scheduler: fc.Scheduler, isLost: () => boolean) {
    this.#scheduler = scheduler;
    this.#isLost = isLost;
  }

  startMaster() {
    const catalog = new Catalog(this.store, "epoch", TINY);
    const delivery = new CatalogDelivery(
      () => ({ epoch: catalog.epoch, version: catalog.version }),
      () => Math.max(1, catalog.shards),
      (shard, news) => this.#tell(shard, news),
    );
    return { catalog, delivery };
  }

  startShard(shard: number) {
    const disk = this.disks[shard] as World["disks"][number];
    const copy = new Copy();
    copy.hear([...disk.copy.items.values()], undefined, disk.copy.heard);
    const life = { hasEnded: false };
    // An object that has ended writes no more, and nobody hears of it.
    const alive = async () => {
      await this.#message();
      if (life.hasEnded) throw new Error("ended");
    };
    const replica = new CatalogReplica(copy, {
      mark: () => disk.mark,
      setMark: async (mark) => {
        await alive();
        disk.mark = mark;
      },
      pull: async (heard, position) => {
        await alive();
        const { catalog } = this.master;
        catalog.addShards(shard + 1);
        const answer = catalog.pull(heard, position);
        await alive();
        return answer;
      },
    });
    return { copy, replica, life };
  }

  crash(shard: number): void {
    (this.shards[shard] as World["shards"][number]).life.hasEnded = true;
    this.shards[shard] = this.startShard(shard);
  }

  async #tell(shard: number, news: CatalogNews): Promise<void> {
    await this.#message();
    const told = this.shards[shard];
    await told?.replica.take(structuredClone(news));
    await this.#message();
    if (told?.life.hasEnded) throw new Error("ended");
  }

  async #message(): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve());
    if (this.#isLost()) throw new Error("lost on the way");
  }

  /** Items that a list of this shard has now. */
  async list(shard: number): Promise<Set<string>> {
    const { replica, copy, life } = this.shards[shard] as World["shards"][number];
    for (let wait = replica.ready(); wait; wait = replica.ready()) await wait;
    if (life.hasEnded) throw new Error("ended");
    const all = Array.from({ length: ITEMS }, (_, n) => `item ${n}`);
    return new Set(all.filter((id) => !isBarred(copy.items.get(id) ?? { id })));
  }
}

const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      item: fc.nat(ITEMS - 1),
      isOut: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("list" as const), shard: fc.nat(SHARDS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), shard: fc.nat(SHARDS - 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("checkpoint" as const), shard: fc.nat(SHARDS - 1) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart master" as const) }) },
);

test("no list that begins after an acknowledgement shows what was taken out, whatever is late, lost or restarted", async () => {
  let [lists, acknowledged] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(anyStep, { minLength: 5, maxLength: 80 }),
      fc.infiniteStream(fc.nat(30)),
      async (scheduler, steps, luck) => {
        let isCalm = false;
        const world = new World(scheduler, () => !isCalm && luck.next().value === 0);
        /** Acknowledged as out, and not contradicted since by a write that has begun. */
        const out = new Set<string>();
        const writing = new Set<{ id: string; isAlone: boolean }>();
        const running: Promise<unknown>[] = [];
        const write = async (id: string, isOut: boolean) => {
          out.delete(id);
          const own = { id, isAlone: true };
          // Of two at once nobody knows which one is the last.
          for (const other of writing) if (other.id === id) other.isAlone = own.isAlone = false;
          writing.add(own);
          await scheduler.schedule(Promise.resolve());
          const { master } = world;
          const { catalog, delivery } = master;
          delivery.add(catalog.write([{ id, fields: { hidden: isOut } }], NOW_MS).news);
          try {
            await delivery.deliver();
            // Whoever waits for an answer of a master that has ended gets none.
            if (world.master !== master) return;
            acknowledged++;
            if (isOut && own.isAlone) out.add(id);
          } catch {
            // Not acknowledged, so nothing is promised.
          } finally {
            writing.delete(own);
          }
        };
        const list = async (shard: number) => {
          const promised = new Set(out);
          const shown = await world.list(shard).catch(() => new Set<string>());
          lists++;
          // What a write has touched meanwhile may be either.
          for (const id of shown) expect(promised.has(id) && out.has(id), `${id} is shown`).toBe(false);
        };
        for (const step of steps) {
          if (step.kind === "write") running.push(write(`item ${step.item}`, step.isOut));
          if (step.kind === "list") running.push(list(step.shard));
          if (step.kind === "crash") world.crash(step.shard);
          if (step.kind === "restart master") world.master = world.startMaster();
          if (step.kind === "checkpoint") {
            const disk = world.disks[step.shard] as World["disks"][number];
            const { copy } = world.shards[step.shard] as World["shards"][number];
            disk.copy = new Copy();
            disk.copy.hear([...copy.items.values()], undefined, copy.heard);
          }
          for (let turn = luck.next().value % 6; turn > 0; turn--)
            if (scheduler.count() > 0) await scheduler.waitNext(1);
        }
        await scheduler.waitFor(Promise.all(running));
        isCalm = true;
        await scheduler.waitFor(Promise.all(world.shards.map((_, shard) => list(shard))));
      },
    ),
    { numRuns: 400 },
  );
  console.log(`${lists} lists, ${acknowledged} writes acknowledged`);
});

test("a shard of a site without a catalogue asks once in its life", async () => {
  let asked = 0;
  let mark: "none" | "used" | undefined;
  const start = () =>
    new CatalogReplica(new Copy(), {
      mark: () => mark,
      setMark: async (next) => {
        mark = next;
      },
      pull: async (heard) => {
        asked++;
        return new Catalog(memoryStore(), "epoch").pull(heard);
      },
    });
  const first = start();
  await Promise.all([first.ready(), first.ready()]);
  expect(first.ready()).toBeUndefined();
  for (let restart = 0; restart < 5; restart++) expect(start().ready()).toBeUndefined();
  expect(asked).toBe(1);
});

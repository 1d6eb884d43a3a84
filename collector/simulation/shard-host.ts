import type { MemoryBucket } from "../lake/memory-bucket.ts";
import { sliceLength } from "../recommend/feed-slice.ts";
import { DurableShard } from "../shard/durable-shard.ts";
import type { FeedCaller } from "../shard/feed.ts";
import type { FeedOffer } from "../shard/feed-state.ts";
import { LakeWriter } from "../shard/lake-writer.ts";
import { MemoryDisk } from "../shard/memory-disk.ts";
import { SHARD_LIMITS, type ShardLimits } from "../shard/shard-limits.ts";
import type { ShardMap } from "../shard/shard-map.ts";
import type { ShardStore } from "../shard/shard-store.ts";
import { faultyBucket } from "./bucket.ts";
import { copy } from "./copy.ts";
import { decodePart, encodePart } from "./fake-part.ts";
import { fakeSha256Hex } from "./fake-sha256.ts";
import type { FaultName } from "./faults.ts";
import { POISON } from "./shopper.ts";
import { Violation, type World } from "./world.ts";

/** How long a new incarnation takes to begin. */
const START_UP_MS = 20;
const SYNC_MS = 8;
const SLOW_SYNC_MS = 8_000;
const RPC_MS = 10;
const ALARM_LATE_MS = 30_000;
/** Longer than all that is due soon; the quarantine's retention is due in weeks. */
const QUIET_MS = 3_600_000;
/** When the platform rings again after an alarm that did not end. */
const ALARM_RETRY_MS = 2_000;

/** Has the rollup bring the news of all shards to all. */
export type Relay = (map: ShardMap, caller: FeedCaller) => Promise<number>;

/** An object that went away under a call; the call may be made again. */
export class ObjectGone extends Error {
  override name = "ObjectGone";
  readonly retryable = true;
}

interface Incarnation {
  number: number;
  shard: DurableShard;
  /** A dead one does nothing any more; a replaced one runs on against a disk that refuses it. */
  isDead: boolean;
  /** Rejects the calls that wait for an answer. */
  waiting: Set<(error: Error) => void>;
}

/** What keeps one shard running: the disk that stays, and incarnations that come and go. */
export class ShardHost {
  readonly disk: MemoryDisk;
  readonly limits: ShardLimits;
  readonly shard: number;
  readonly #world: World;
  readonly #bucket: MemoryBucket;
  readonly #peers: (shard: number) => ShardHost;
  readonly #relay: Relay;
  #current: Incarnation | undefined;
  #incarnations = 0;
  #isRinging = false;
  /** The last record of which an answer has told. */
  #toldLsn = 0;
  /** Clicks of its own that no crash can take back. */
  #safeClicks = 0;

  /**
   * @param peers - the other shards of the site
   * @param relay - has their rollup bring news to all of them
   */
  constructor(
    world: World,
    shard: number,
    bucket: MemoryBucket,
    peers: (shard: number) => ShardHost,
    relay: Relay,
  ) {
    this.#world = world;
    this.shard = shard;
    this.#bucket = bucket;
    this.#peers = peers;
    this.#relay = relay;
    this.limits = smallLimits(world);
    this.disk = new MemoryDisk(async () => {
      const isSlow = world.fault("disk.slow");
      await world.sleep(world.random.int(1, isSlow ? SLOW_SYNC_MS : SYNC_MS));
      if (world.fault("crash.duringSync")) this.crash("crash.duringSync");
    });
  }

  /** A call from outside: on its way, at work, and back. Rejects when the object goes away meanwhile. */
  async call<Answer>(run: (shard: DurableShard) => Promise<Answer>): Promise<Answer> {
    await this.#world.sleep(this.#world.random.int(1, RPC_MS));
    const incarnation = await this.#awake();
    const answer = await this.#until(incarnation, run);
    if (this.#current === incarnation && this.#world.fault("crash.beforeReply")) this.crash("before reply");
    if (incarnation.isDead) throw new ObjectGone("the object went away before it answered");
    await this.#world.sleep(this.#world.random.int(1, RPC_MS));
    return answer;
  }

  /** An answer tells of all records up to this one: from here on no crash may take them back. */
  tells(lsn: number): void {
    this.#toldLsn = Math.max(this.#toldLsn, lsn);
  }

  /** Others count these clicks as learned, so that a shard that loses them would give their numbers to others. */
  tellsClicks(offer: FeedOffer): void {
    const told = offer.from + sliceLength(offer);
    if (told > this.#safeClicks)
      this.#world.fail(
        `G6: shard ${this.shard} told others of ${told} clicks, ${this.#safeClicks} are on disk`,
      );
  }

  /** The process dies, with everything in its memory. */
  crash(reason: string): void {
    const { disk } = this;
    this.#world.note(`shard ${this.shard} crashes: ${reason}, ${disk.unsynced} unsynced`);
    const survivors = this.#world.fault("crash.survivors") ? this.#world.random.int(0, disk.unsynced) : 0;
    this.#end(this.#current);
    this.#current = undefined;
    disk.crash(survivors);
    this.#mustWake();
    this.#watchAlarm();
  }

  /** A new incarnation begins though the old one has not ended; the disk listens to the new one only. */
  replace(): void {
    this.#world.note(`shard ${this.shard} is replaced`);
    this.#current = undefined;
    this.#start();
  }

  /** Whether it will do nothing by itself for a while. */
  get isQuiet(): boolean {
    const { alarmMs } = this.disk;
    return !this.#isRinging && (alarmMs === null || alarmMs > this.#world.nowMs + QUIET_MS);
  }

  /** The incarnation that runs, or a new one. */
  get incarnation(): DurableShard {
    return (this.#current ?? this.#start()).shard;
  }

  /** Nobody may call for weeks: what an answer has told goes into the lake all the same. */
  #mustWake(): void {
    const flushedLsn = LakeWriter.flushedLsn(this.disk.open());
    if (flushedLsn < this.#toldLsn && this.disk.alarmMs === null)
      this.#world.fail(
        `G1: shard ${this.shard} told of record ${this.#toldLsn}, has ${flushedLsn} in the lake, and sleeps`,
      );
  }

  async #awake(): Promise<Incarnation> {
    if (!this.#current) await this.#world.sleep(this.#world.random.int(1, START_UP_MS));
    return this.#current ?? this.#start();
  }

  #start(): Incarnation {
    const world = this.#world;
    const incarnation = {
      number: ++this.#incarnations,
      isDead: false,
      waiting: new Set(),
    } as unknown as Incarnation;
    this.#current = incarnation;
    const isOld = world.fault("deploy.skew");
    const pass = (point: FaultName): Promise<void> => this.#pass(incarnation, point);
    try {
      incarnation.shard = new DurableShard({
        store: this.#store(this.disk.open(), incarnation, pass),
        bucket: faultyBucket(world, this.#bucket, pass, isOld),
        limits: this.limits,
        encodePart: (part) => encodePart(part, isOld),
        decodePart: async (bytes) => decodePart(bytes),
        sha256Hex: async (bytes) => {
          await pass("crash.hash");
          return fakeSha256Hex(bytes);
        },
        nowMs: () => world.nowMs,
        foldGuard: ({ name }) => {
          if (name === POISON) throw new Error("a mistake of ours");
        },
        shard: this.shard,
        handOver: (owner, query) => this.#peers(owner).call((durable) => durable.handOver(copy(query))),
        relay: async (_, map, caller) => {
          try {
            return await this.#relay(copy(map), caller);
          } finally {
            if (incarnation.isDead) await new Promise(() => {});
          }
        },
        copyOf: (_, owner) => {
          world.reach("feed.copied");
          return this.#peers(owner).call((durable) => durable.modelCopy());
        },
        lakeAgeMs: world.random.int(1, 30) * 1_000,
        onCommitted: () => {},
        onLakeFailed: (error, retryMs) => world.note(`lake failed: ${String(error)}, again in ${retryMs} ms`),
        // Nobody is forgotten here.
        tellShards: async () => {},
        forgetElsewhere: async () => {},
        retention: () => ({}),
        abort: (error) => {
          if (incarnation.isDead) return;
          world.note(`shard ${this.shard} aborts: ${String(error)}`);
          if (this.#current === incarnation) this.crash("abort");
          else this.#end(incarnation);
        },
      });
    } catch (error) {
      throw new Violation(`G4: shard ${this.shard} does not recover: ${String((error as Error).stack)}`);
    }
    const { committedLsn } = incarnation.shard.positions;
    if (committedLsn < this.#toldLsn)
      world.fail(`G4: shard ${this.shard} told of record ${this.#toldLsn} and starts at ${committedLsn}`);
    this.#safeClicks = incarnation.shard.positions.feed.own;
    if (incarnation.shard.positions.checkpointLsn > 0) world.reach("checkpoint");
    world.note(`shard ${this.shard} starts at ${JSON.stringify(incarnation.shard.positions)}`);
    return incarnation;
  }

  #store(store: ShardStore, incarnation: Incarnation, pass: (point: FaultName) => Promise<void>): ShardStore {
    const world = this.#world;
    return {
      ...store,
      transaction: (run) =>
        store.transaction(() => {
          const answer = run();
          if (world.fault("disk.full")) throw new Error("disk full");
          return answer;
        }),
      sync: async () => {
        await pass("crash.beforeSync");
        const { own } = incarnation.shard.positions.feed;
        await store.sync();
        if (!incarnation.isDead) this.#safeClicks = Math.max(this.#safeClicks, own);
        await pass("crash.afterSync");
      },
      alarmMs: async () => {
        await pass("crash.alarmMs");
        return store.alarmMs();
      },
      setAlarm: async (atMs) => {
        await pass("crash.setAlarm");
        await store.setAlarm(atMs);
        this.#watchAlarm();
      },
    };
  }

  /** Ends the incarnation here, if it is its turn. What belongs to a dead one never goes on. */
  async #pass(incarnation: Incarnation, point: FaultName): Promise<void> {
    // Not within the constructor of the incarnation: there is nothing yet that could end.
    await Promise.resolve();
    if (!incarnation.isDead && this.#current === incarnation && this.#world.fault(point)) this.crash(point);
    if (incarnation.isDead) await new Promise(() => {});
  }

  #end(incarnation: Incarnation | undefined): void {
    if (!incarnation) return;
    incarnation.isDead = true;
    for (const reject of incarnation.waiting) reject(new ObjectGone("the object went away"));
    incarnation.waiting.clear();
  }

  /** What the incarnation answers, or that it went away. */
  async #until<Answer>(
    incarnation: Incarnation,
    run: (shard: DurableShard) => Promise<Answer>,
  ): Promise<Answer> {
    if (incarnation.isDead) throw new ObjectGone("the object went away before it was asked");
    let reject: (error: Error) => void = () => {};
    const gone = new Promise<never>((_, no) => {
      reject = no;
    });
    incarnation.waiting.add(reject);
    try {
      return await Promise.race([gone, run(incarnation.shard)]);
    } finally {
      incarnation.waiting.delete(reject);
    }
  }

  #watchAlarm(): void {
    const atMs = this.disk.alarmMs;
    if (atMs === null) return;
    const lateMs = this.#world.fault("alarm.late") ? this.#world.random.int(1, ALARM_LATE_MS) : 0;
    this.#world.at(atMs + lateMs - this.#world.nowMs, () => this.#world.spawn(this.#ring()));
  }

  /** At least once: an alarm whose object went away rings again. */
  async #ring(): Promise<void> {
    const { alarmMs } = this.disk;
    if (this.#isRinging || alarmMs === null || alarmMs > this.#world.nowMs) return;
    this.#isRinging = true;
    try {
      for (let isDone = false; !isDone; ) {
        const incarnation = await this.#awake();
        const ring = (): Promise<void> => this.#until(incarnation, (shard) => shard.alarm());
        this.#world.note(`alarm of shard ${this.shard}`);
        this.disk.beginAlarm();
        try {
          await ring();
          this.disk.endAlarm();
          isDone = true;
          if (this.#world.fault("alarm.duplicate")) await ring();
        } catch {
          await this.#world.sleep(ALARM_RETRY_MS);
        }
      }
    } finally {
      this.#isRinging = false;
      this.#watchAlarm();
    }
  }
}

/** So small that a few dozen events come by all of them. */
function smallLimits({ random }: World): ShardLimits {
  return {
    ...SHARD_LIMITS,
    checkpointCommits: random.int(1, 12),
    checkpointLength: random.pick([1, 2_000, 8_000]),
    checkpointHours: random.pick([2, 1_024]),
    journalSlots: random.pick([8, 40, 400]),
    recordSlots: 3,
    pendingBatches: random.pick([3, 1_000]),
    groupBatches: random.pick([2, 256]),
    groupEvents: random.pick([10, 2_000]),
    flushLength: random.pick([1, 3_000, 6_000_000]),
    pullBytes: random.pick([1, 8 * 1024 * 1024]),
    feedClicks: random.pick([4, 262_144]),
    copyClicks: random.pick([3, 20_000]),
    compactRows: random.pick([10, 50_000]),
    compactParts: random.pick([2, 4, 8]),
    compactQuietMs: random.int(1, 60) * 1_000,
    // Longer than a reader of the simulation takes.
    compactGraceMs: random.int(10, 30) * 1_000,
  };
}

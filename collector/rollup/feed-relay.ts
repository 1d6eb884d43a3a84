import type { FeedCaller, FeedQuery } from "../shard/feed.ts";
import type { FeedCursor, FeedOffer } from "../shard/feed-state.ts";
import { isNewerMap, type ShardMap, shardsEver, shardsNow } from "../shard/shard-map.ts";

/** Times that a run goes round while shards have news; then others have their turn. */
const ROUNDS_MAX = 200;
/** A shard that let the others wait for so long in vain is left alone for a while. */
const SLOW_MS = 2_000;
const ALONE_MS = 10_000;

/** What the relay asks of the shards of its site. Calls may fail, and may be done and fail all the same. */
export interface FeedShards {
  feed(shard: number, query: FeedQuery): Promise<FeedOffer>;
  learn(shard: number, offers: FeedOffer[]): Promise<FeedCursor[]>;
  /** Resolves when the next run may begin: what comes until then is brought together. */
  pause(): Promise<void>;
  nowMs(): number;
}

type Cursors = ReadonlyMap<number, FeedCursor>;

/**
 * Brings what each shard of a site accepted to all the others. It holds nothing that could not be asked for again:
 * every shard says itself how far it has come, and takes nothing twice.
 */
export class FeedRelay {
  readonly #shards: FeedShards;
  #map: ShardMap = [];
  /** How far each shard has come with the others, as it said last; it may be further by now. */
  readonly #cursors = new Map<number, Cursors>();
  /** Until when a shard is left alone. */
  readonly #aloneUntilMs = new Map<number, number>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(shards: FeedShards) {
    this.#shards = shards;
  }

  /**
   * Brings news of all to all, and answers how many clicks of the caller all others have then. Rejects when a shard
   * could not be reached. Calls that come while a run is under way share the next one.
   *
   * @param caller - a shard that has news
   */
  async relay(map: ShardMap, caller: FeedCaller): Promise<number> {
    if (this.#map.length === 0 || isNewerMap(map, this.#map)) this.#map = map;
    this.#next ??= this.#runAfter(this.#running);
    await this.#next;
    return this.#told(caller);
  }

  #runAfter(before: Promise<void>): Promise<void> {
    const next = before
      .catch(() => {})
      .then(() => this.#shards.pause())
      .then(() => {
        this.#next = undefined;
        return this.#run();
      });
    this.#running = next;
    return next;
  }

  async #run(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const receivers = Array.from({ length: shardsNow(this.#map) }, (_, shard) => shard);
      const known = await Promise.allSettled(receivers.map((receiver) => this.#know(receiver)));
      const asked = new Map<string, Promise<FeedOffer>>();
      const brought = await Promise.allSettled(
        receivers.map((receiver) => this.#bring(receiver, asked, round)),
      );
      if (brought.some((one) => one.status === "fulfilled" && one.value)) continue;
      const failed = [...known, ...brought].find((one) => one.status === "rejected");
      if (failed) throw failed.reason;
      return;
    }
  }

  async #know(receiver: number): Promise<void> {
    if (!this.#cursors.has(receiver)) await this.#give(receiver, []);
  }

  /**
   * Asks what is new to a shard and gives it; shards that know the same share a question. Returns whether it came
   * further and was not given all that there is. What is accepted meanwhile is for the next run.
   */
  async #bring(receiver: number, asked: Map<string, Promise<FeedOffer>>, round: number): Promise<boolean> {
    const known = this.#cursors.get(receiver);
    if (!known) return false;
    const count = shardsEver(this.#map);
    // Where there is more than a shard takes at once, each source comes first in turn.
    const sources = Array.from({ length: count }, (_, n) => (round + n) % count);
    const answers = await Promise.allSettled(
      sources
        .filter((source) => source !== receiver)
        .map((source) => {
          const { position = 0, epoch } = known.get(source) ?? {};
          const key = `${source} ${epoch} ${position}`;
          const question =
            asked.get(key) ?? this.#call(source, () => this.#shards.feed(source, { position, epoch }));
          asked.set(key, question);
          return question;
        }),
    );
    const offers = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const news = offers.filter(({ source, epoch, own }) => {
      const cursor = known.get(source);
      return own > (cursor?.epoch === epoch ? cursor.position : 0);
    });
    const hasMoved = news.length > 0 && (await this.#give(receiver, news));
    const isBehind = news.some(({ source, own }) => own > this.#position(receiver, source));
    const failed = answers.find((answer) => answer.status === "rejected");
    if (failed && !(hasMoved && isBehind)) throw failed.reason;
    return hasMoved && isBehind;
  }

  async #call<Answer>(shard: number, run: () => Promise<Answer>): Promise<Answer> {
    const startedAtMs = this.#shards.nowMs();
    if (startedAtMs < (this.#aloneUntilMs.get(shard) ?? 0)) throw new Error(`shard ${shard} is away`);
    try {
      return await run();
    } catch (error) {
      const failedAtMs = this.#shards.nowMs();
      if (failedAtMs - startedAtMs >= SLOW_MS) this.#aloneUntilMs.set(shard, failedAtMs + ALONE_MS);
      throw error;
    }
  }

  #position(receiver: number, source: number): number {
    return this.#cursors.get(receiver)?.get(source)?.position ?? 0;
  }

  /** Returns whether the shard is further than it was known to be. */
  async #give(receiver: number, offers: FeedOffer[]): Promise<boolean> {
    const before = this.#cursors.get(receiver);
    // If this fails, it may have taken them or begun anew: it will be asked.
    this.#cursors.delete(receiver);
    const learned = await this.#call(receiver, () => this.#shards.learn(receiver, offers));
    const cursors = new Map(learned.map((one) => [one.source, one]));
    this.#cursors.set(receiver, cursors);
    return [...cursors.values()].some(({ source, epoch, position }) => {
      const cursor = before?.get(source);
      return cursor?.epoch !== epoch || cursor.position !== position;
    });
  }

  /** How many clicks of a shard, in the life that it is in, all others have. */
  #told({ shard, epoch }: FeedCaller): number {
    let told = Number.MAX_SAFE_INTEGER;
    for (let receiver = 0; receiver < shardsNow(this.#map); receiver++) {
      const cursor = this.#cursors.get(receiver)?.get(shard);
      if (receiver !== shard) told = Math.min(told, cursor?.epoch === epoch ? cursor.position : 0);
    }
    return told;
  }
}

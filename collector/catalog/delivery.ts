import type { CatalogNews, Heard } from "../event/catalog.ts";

/** More that waits for a shard that cannot be reached is left to its own question. */
const WAITING_MAX = 64;
const NOTHING_TOLD = -1;

/** Brings news to every shard of a site, in order, and says when all have taken them. */
export class CatalogDelivery {
  readonly #tell: (shard: number, news: CatalogNews) => Promise<void>;
  readonly #heard: () => Heard;
  readonly #shards: () => number;
  /** What came since the last round that every shard has taken. */
  #waiting: CatalogNews[] = [];
  /** After a start nobody knows what was told, so whoever asks first waits for every shard. */
  #told = NOTHING_TOLD;
  #round: Promise<void> | undefined;

  constructor(
    heard: () => Heard,
    shards: () => number,
    tell: (shard: number, news: CatalogNews) => Promise<void>,
  ) {
    this.#heard = heard;
    this.#shards = shards;
    this.#tell = tell;
  }

  /** Where nothing was ever said, nobody has to be told. */
  get isDone(): boolean {
    const { version } = this.#heard();
    return version === 0 || this.#told >= version;
  }

  add(news: readonly CatalogNews[]): void {
    this.#waiting.push(...news);
    if (this.#waiting.length > WAITING_MAX) this.#waiting = [this.#reminder()];
  }

  /** Resolves when every shard has what is known now; rejects when one could not be told. */
  async deliver(): Promise<void> {
    const { version } = this.#heard();
    while (version > 0 && this.#told < version) {
      this.#round ??= this.#tellAll().finally(() => {
        this.#round = undefined;
      });
      await this.#round;
    }
  }

  /** A shard that lacks something finds a gap in it, and asks. */
  #reminder(): CatalogNews {
    const { epoch, version } = this.#heard();
    return { epoch, from: version, to: version, items: [] };
  }

  async #tellAll(): Promise<void> {
    const news = this.#waiting;
    this.#waiting = [];
    const { version } = this.#heard();
    try {
      await this.#tellShards(news.length > 0 ? news : [this.#reminder()]);
    } catch (error) {
      this.#waiting.unshift(...news);
      throw error;
    }
    this.#told = version;
  }

  async #tellShards(news: readonly CatalogNews[]): Promise<void> {
    await Promise.all(
      Array.from({ length: this.#shards() }, async (_, shard) => {
        for (const piece of news) await this.#tell(shard, piece);
      }),
    );
  }
}

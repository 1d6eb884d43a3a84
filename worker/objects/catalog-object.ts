import { DurableObject } from "cloudflare:workers";
import { Catalog, type Written } from "../../collector/catalog/catalog.ts";
import type { CatalogPatch } from "../../collector/catalog/decode-item.ts";
import { CatalogDelivery } from "../../collector/catalog/delivery.ts";
import type { CatalogItem, CatalogPull, Heard } from "../../collector/event/catalog.ts";
import type { RuleBook } from "../../collector/event/rule-book.ts";
import { hash53 } from "../../collector/stream/hash.ts";
import type { Env } from "../env.ts";
import { within, withRetry } from "../shards.ts";
import { catalogStore } from "./catalog-rows.ts";
import { MeteredSql } from "./metered-sql.ts";

/** A shard that has not taken news by then keeps the change from being acknowledged. */
const TOLD_WITHIN_MS = 15_000;
/** Changes that could not be acknowledged are told again after this, also when their caller has given up. */
const REMIND_MS = 10_000;

/** What a call changed, and whether every shard has taken it. */
export interface CatalogAnswer extends Pick<Written, "outcomes"> {
  version: number;
  isTold: boolean;
}

/** One per site: the master of what the shop says. The shell around `Catalog`: storage, clock, and the way to the shards. */
export class CatalogObject extends DurableObject<Env> {
  readonly #sql: MeteredSql;
  readonly #catalog: Catalog;
  readonly #delivery: CatalogDelivery;
  #hasAlarm = false;
  #pulls = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = new MeteredSql(ctx.storage.sql);
    this.#catalog = new Catalog(catalogStore(ctx.storage, this.#sql), crypto.randomUUID());
    const site = ctx.id.name ?? "";
    this.#delivery = new CatalogDelivery(
      () => ({ epoch: this.#catalog.epoch, version: this.#catalog.version }),
      () => this.#catalog.shards,
      (shard, news) =>
        withRetry(() => within(TOLD_WITHIN_MS, env.SHARDS.getByName(`${site}/${shard}`).heed(news))),
    );
  }

  /** @param shards - that the site has or had by the map of the caller */
  async write(patches: CatalogPatch[], shards: number): Promise<CatalogAnswer> {
    this.#catalog.addShards(shards);
    const { outcomes, news } = this.#catalog.write(patches, Date.now());
    this.#delivery.add(news);
    return { outcomes, version: this.#catalog.version, isTold: await this.#deliver() };
  }

  async rules(): Promise<RuleBook> {
    return this.#catalog.rules ?? { version: 0 };
  }

  /** @param expected - of an earlier Worker, one version. Undefined when the rules are not those of one of them */
  async writeRules(
    rules: Omit<RuleBook, "version">,
    shards: number,
    expected?: number | number[],
  ): Promise<{ version: number; isTold: boolean } | undefined> {
    this.#catalog.addShards(shards);
    const written = this.#catalog.writeRules(
      rules,
      Date.now(),
      expected === undefined ? undefined : [expected].flat(),
    );
    if (!written) return undefined;
    this.#delivery.add(written.news);
    return { version: written.version, isTold: await this.#deliver() };
  }

  /** For a shard, which hears of every change from here on. */
  async pull(shard: number, heard: Heard, position?: number): Promise<CatalogPull> {
    this.#pulls++;
    this.#catalog.addShards(shard + 1);
    const answer = this.#catalog.pull(heard, position);
    await this.ctx.storage.sync();
    return answer;
  }

  /** Items behind this one, in the order of their hashes. */
  async page(
    after: string | undefined,
    limit: number,
  ): Promise<{ items: CatalogItem[]; total: number; version: number; next?: string }> {
    const from = after === undefined ? 0 : hash53(after);
    const isBehind = ({ id }: CatalogItem): boolean =>
      after === undefined || hash53(id) > from || (hash53(id) === from && id > after);
    const items: CatalogItem[] = [];
    let position: number | undefined = from;
    while (position !== undefined && items.length <= limit) {
      const piece: { items: CatalogItem[]; next?: number } = this.#catalog.range(position);
      items.push(...piece.items.filter(isBehind));
      position = piece.next;
    }
    const next = items.length > limit ? items[limit - 1]?.id : undefined;
    const { items: total, version } = this.#catalog;
    return { items: items.slice(0, limit), total, version, ...(next === undefined ? {} : { next }) };
  }

  /** Rows that this object has written, and questions of shards that it answered, since it was started. */
  async stats(): Promise<{ rowsWritten: number; pulls: number }> {
    return { rowsWritten: this.#sql.rowsWritten, pulls: this.#pulls };
  }

  /** A change that was not acknowledged may be in some shards only, also when this object ended in the middle. */
  override async alarm(): Promise<void> {
    this.#hasAlarm = false;
    try {
      await this.#delivery.deliver();
    } catch (error) {
      console.error(`not all shards of ${this.ctx.id.name} could be told of their catalogue`, error);
      await this.#setAlarm();
    }
  }

  /** The answer of the disk comes first, and then that of every shard. */
  async #deliver(): Promise<boolean> {
    if (this.#delivery.isDone) return true;
    await this.#setAlarm();
    await this.ctx.storage.sync();
    try {
      await this.#delivery.deliver();
      return true;
    } catch (error) {
      console.error(`a change of the catalogue of ${this.ctx.id.name} is not acknowledged`, error);
      return false;
    }
  }

  async #setAlarm(): Promise<void> {
    if (this.#hasAlarm) return;
    this.#hasAlarm = true;
    this.#sql.add(1);
    await this.ctx.storage.setAlarm(Date.now() + REMIND_MS);
  }
}

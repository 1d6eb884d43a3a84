import { catalogAway } from "../../collector/catalog/away.ts";
import { type CatalogCopy, CatalogReplica } from "../../collector/catalog/replica.ts";
import type { CatalogNews, CatalogPull } from "../../collector/event/catalog.ts";
import { readJson, type ShardStore, writeJson } from "../../collector/shard/shard-store.ts";
import type { Env } from "../env.ts";
import { within, withRetry } from "../shards.ts";

/** A list waits no longer for the catalogue of its site. */
const ASKED_WITHIN_MS = 10_000;
const MARK = "catalog";

/** What a shard holds of its site's catalogue: the way to the master, and the mark on the shard's disk. */
export class ShardCatalog {
  readonly #replica: CatalogReplica;

  /** @param name - `<site>/<number>` */
  constructor(env: Env, name: string, store: ShardStore, copy: CatalogCopy) {
    const at = name.lastIndexOf("/");
    const [site, shard] = [name.slice(0, at), Number(name.slice(at + 1))];
    let mark = readJson<{ mark: "none" | "used" }>(store.pages, MARK)?.mark;
    this.#replica = new CatalogReplica(copy, {
      mark: () => mark,
      setMark: async (next) => {
        writeJson(store.pages, MARK, { mark: next });
        await store.sync();
        mark = next;
      },
      pull: (heard, position) =>
        withRetry(() =>
          within(
            ASKED_WITHIN_MS,
            // The type of a stub makes every field of an answer optional at once.
            env.CATALOGS.getByName(site).pull(shard, heard, position) as Promise<CatalogPull>,
          ),
        ),
    });
  }

  /** Resolves when a list that is made at once shows nothing that the shop has taken out. */
  async current(): Promise<void> {
    try {
      for (let wait = this.#replica.ready(); wait; wait = this.#replica.ready()) await wait;
    } catch (cause) {
      throw catalogAway(cause);
    }
  }

  heed(news: CatalogNews): Promise<void> {
    return this.#replica.take(news);
  }
}

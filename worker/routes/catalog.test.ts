import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { CatalogItem, CatalogReceipt } from "../../collector/event/catalog.ts";
import type { Env } from "../env.ts";
import { bearer, event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const env = bindings as unknown as Env;
const SHARDS = 3;
/** Lists are asked for one after the other. */
const RATE = { requests: 1_000_000, windowS: 10 };
let made = 0;

/** A shop of its own in a deploy of its own. */
function shop(shards: number | object = SHARDS) {
  const id = `catalog-${made++}`;
  const vars = deployed(siteConfig({ id, shards, rateLimits: { site: RATE, client: RATE, key: RATE } }));
  const json = async <Answer>(path: string, init: RequestInit, status = 200): Promise<Answer> => {
    const answer = await send(path, init, vars);
    expect(answer.status, path).toBe(status);
    return (await answer.json()) as Answer;
  };
  return {
    id,
    vars,
    shards: () => Array.from({ length: SHARDS }, (_, shard) => env.SHARDS.getByName(`${id}/${shard}`)),
    write: (items: unknown[]) =>
      send(
        "/v1/catalog",
        { ...bearer(keyOf(id, "connector")), method: "POST", body: JSON.stringify({ items }) },
        vars,
      ),
    page: (query = "") =>
      json<{ items: CatalogItem[]; total: number; version: number; next?: string }>(
        `/v1/catalog${query}`,
        bearer(keyOf(id, "read")),
      ),
    async view(session: string, ...items: string[]) {
      const body = JSON.stringify({
        ...{ key: keyOf(id, "write"), session, stream: `${session}-${made++}`, seq: 0 },
        events: items.map((itemId) => event({ name: "view_item", items: [{ itemId, itemName: itemId }] })),
      });
      await json("/v1/batches", { method: "POST", body });
    },
    /** What lists of this session hold, seen from a page that shows none of it. */
    list: (session: string) =>
      send(`/v1/recommendations?session=${session}&item=elsewhere&limit=50`, bearer(keyOf(id, "read")), vars),
    /** Search results for this session, in the caller's order where nothing speaks for another. */
    rank: (question: object) =>
      send(
        "/v1/rank",
        { ...bearer(keyOf(id, "read")), method: "POST", body: JSON.stringify(question) },
        vars,
      ),
    async ids(session: string): Promise<string[]> {
      const answer = await this.list(session);
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { items: { id: string }[] }).items.map((item) => item.id);
    },
    async receipt(items: unknown[]): Promise<CatalogReceipt> {
      const answer = await this.write(items);
      expect(answer.status).toBe(200);
      return answer.json();
    },
  };
}

/** Sessions that live on each of the shards; with so many, none is left out. */
const SESSIONS = Array.from({ length: 12 }, (_, n) => `session-${n}`);

describe("POST /v1/catalog", () => {
  it("takes what can be taken, and says of each other item why not", async () => {
    const one = shop();
    const receipt = await one.receipt([
      { id: "a", name: "A", priceMinor: 100, currency: "EUR" },
      { id: "b", price: 5 },
      "c",
      { id: "d", deleted: true },
      { id: "a", name: "A" },
    ]);
    expect(receipt).toEqual({
      ...{ changed: 2, unchanged: 1, refused: 2, version: 1 },
      errors: [
        { pointer: "/items/1/price", code: "currency_missing" },
        { pointer: "/items/2", code: "item_invalid" },
      ],
    });
    expect(await one.receipt([{ id: "d", name: "D" }])).toMatchObject({
      ...{ changed: 0, refused: 1, errors: [{ pointer: "/items/0", code: "item_deleted" }] },
    });
    const answer = await one.write(Array.from({ length: 1001 }, (_, n) => ({ id: `${n}` })));
    expect(await problemOf(answer)).toEqual([400, "body_invalid"]);
  });

  it("is read page by page, and is the same after a restart", async () => {
    const one = shop();
    await one.receipt(Array.from({ length: 300 }, (_, n) => ({ id: `item-${n}`, name: `Item ${n}` })));
    await evictDurableObject(env.CATALOGS.getByName(one.id));
    const seen: string[] = [];
    for (let query = "?limit=70"; ; ) {
      const { items, total, next } = await one.page(query);
      expect(total).toBe(300);
      seen.push(...items.map(({ id }) => id));
      if (next === undefined) break;
      query = `?limit=70&after=${encodeURIComponent(next)}`;
    }
    expect(new Set(seen).size).toBe(300);
    expect(seen).toHaveLength(300);
  });

  it("beats what events say of an item", async () => {
    const one = shop();
    await one.view("session-1", "lamp", "desk");
    await one.receipt([
      { id: "lamp", name: "Lamp of the shop", url: "/lamp", priceMinor: 1, currency: "EUR" },
    ]);
    await one.view("session-1", "lamp", "desk");
    const answer = await one.list("session-1");
    const { items } = (await answer.json()) as { items: { id: string }[] };
    expect(items.find(({ id }) => id === "lamp")).toMatchObject({
      ...{ name: "Lamp of the shop", url: "/lamp", priceMinor: 1, currency: "EUR" },
    });
  });

  it("lists items that nobody has clicked yet as new, and those that are back in stock", async () => {
    const one = shop(1);
    await one.view("session-1", "a", "b");
    const addedAtMs = Date.now() - 3_600_000;
    await one.receipt([
      { id: "fresh", name: "Fresh", addedAtMs },
      { id: "fresh but hidden", addedAtMs, hidden: true },
      { id: "back", availability: "out_of_stock" },
    ]);
    await one.receipt([{ id: "back", availability: "in_stock" }]);
    const list = async (kind: string) => {
      const path = `/v1/recommendations?session=session-1&kind=${kind}`;
      const answer = await send(path, bearer(keyOf(one.id, "read")), one.vars);
      return ((await answer.json()) as { items: { id: string; evidence?: object }[] }).items;
    };
    const fresh = (await list("new")).find(({ id }) => id === "fresh");
    expect(fresh?.evidence).toEqual({ sinceMs: Math.floor(addedAtMs / 1000) * 1000 });
    expect((await list("new")).map(({ id }) => id)).not.toContain("fresh but hidden");
    expect((await list("back_in_stock")).map(({ id }) => id)).toEqual(["back"]);
  });
});

describe("an item that the shop takes out", () => {
  it("is in no list of any shard, also when an event names it again, until the shop brings it back", async () => {
    const one = shop();
    const items = ["hidden", "sold", "deleted", "kept", "other"];
    for (const session of SESSIONS) await one.view(session, ...items);
    const shown = async () =>
      new Set((await Promise.all(SESSIONS.map((session) => one.ids(session)))).flat());
    expect(await shown()).toEqual(new Set(items));
    await one.receipt([
      { id: "hidden", hidden: true },
      { id: "sold", availability: "out_of_stock" },
      { id: "deleted", deleted: true },
    ]);
    expect(await shown()).toEqual(new Set(["kept", "other"]));
    for (const session of SESSIONS) await one.view(session, ...items, "late");
    expect(await shown()).toEqual(new Set(["kept", "other", "late"]));
    for (const shard of one.shards()) await evictDurableObject(shard);
    expect(await shown()).toEqual(new Set(["kept", "other", "late"]));
    await one.receipt([
      { id: "hidden", hidden: false },
      { id: "sold", availability: "in_stock" },
      { id: "deleted", deleted: false },
    ]);
    expect(await shown()).toEqual(new Set([...items, "late"]));
  });

  it("is in no list of shards that came later", async () => {
    const one = shop(1);
    await one.view("session-1", "hidden", "kept");
    await one.receipt([{ id: "hidden", hidden: true }]);
    const grown = { vars: deployed(siteConfig({ id: one.id, shards: [{ shards: 1 }, { shards: SHARDS }] })) };
    const body = (session: string) =>
      JSON.stringify({
        ...{ key: keyOf(one.id, "write"), session, stream: `${session}-grown`, seq: 0 },
        events: ["hidden", "kept"].map((itemId) => event({ name: "view_item", items: [{ itemId }] })),
      });
    for (const session of SESSIONS) {
      await send("/v1/batches", { method: "POST", body: body(session) }, grown.vars);
      const answer = await send(
        `/v1/recommendations?session=${session}&item=elsewhere`,
        bearer(keyOf(one.id, "read")),
        grown.vars,
      );
      const { items } = (await answer.json()) as { items: { id: string }[] };
      expect(items.map(({ id }) => id)).not.toContain("hidden");
    }
  });

  it("keeps lists from being made where the catalogue cannot be asked: 503, and not a hidden item", async () => {
    const one = shop(1);
    await one.view("session-1", "hidden", "kept");
    await one.receipt([{ id: "hidden", hidden: true }]);
    const shard = env.SHARDS.getByName(`${one.id}/0`);
    await evictDurableObject(shard);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await runInDurableObject(env.CATALOGS.getByName(one.id), async (catalog) => {
      const pull = vi.spyOn(catalog, "pull").mockRejectedValue(new Error("not now"));
      expect(await problemOf(await one.list("session-1"))).toEqual([503, "overloaded"]);
      expect(await problemOf(await one.rank({ items: ["hidden", "kept"] }))).toEqual([503, "overloaded"]);
      pull.mockRestore();
    });
    vi.restoreAllMocks();
    expect(await one.ids("session-1")).toEqual(["kept"]);
  });

  it("is in no list that begins after the answer, while all is written, listed and restarted at once", async () => {
    const one = shop();
    const items = Array.from({ length: 12 }, (_, n) => `item-${n}`);
    for (const session of SESSIONS) await one.view(session, ...items);
    await one.receipt(items.map((id) => ({ id, name: id })));
    for (const level of ["error", "log"] as const)
      vi.spyOn(console, level).mockImplementation(() => undefined);
    const out = new Set<string>();
    const counts = { lists: 0, ranks: 0, refused: 0, acknowledged: 0, shown: 0, wrong: 0, restarts: 0 };
    let isOver = false;
    const ways = [{ hidden: true }, { availability: "out_of_stock" }, { deleted: true }];
    const back = { hidden: false, availability: "in_stock", deleted: false };

    const objects = [...one.shards(), env.CATALOGS.getByName(one.id)];
    /** Ends an object in the middle of whatever it does, as a crash does; such a call has no answer. */
    const restart = () => {
      const object = objects[counts.restarts++ % objects.length] as DurableObjectStub;
      void runInDurableObject(object, (_, state) => state.abort("ended by a test")).catch(() => undefined);
    };

    /** Each writer has items of its own, so it knows what is true of them. */
    const writer = async (own: string[], turns: number) => {
      for (let turn = 0; turn < turns; turn++) {
        const id = own[turn % own.length] as string;
        const isOut = out.has(id);
        out.delete(id);
        const written = one.write([{ id, ...(isOut ? back : ways[turn % ways.length]) }]);
        if (turn % 3 === 0) restart();
        const answer = await written;
        if (answer.status === 200) {
          counts.acknowledged++;
          if (!isOut) out.add(id);
        } else expect([500, 503]).toContain(answer.status);
      }
    };
    /** Nobody writes these. */
    const always = ["item-3", "item-7", "item-11"];
    const ranker = async (session: string) => {
      while (!isOver) {
        const promised = new Set(out);
        const answer = await one.rank({ session, items });
        counts.ranks++;
        if (answer.status !== 200) {
          expect([500, 503]).toContain(answer.status);
          counts.refused++;
          continue;
        }
        const ranked = (await answer.json()) as { items: string[] };
        expect(ranked.items).toHaveLength(items.length);
        const last = Math.max(...always.map((id) => ranked.items.indexOf(id)));
        counts.wrong += ranked.items.slice(0, last).filter((id) => promised.has(id) && out.has(id)).length;
      }
    };
    const lister = async (session: string) => {
      while (!isOver) {
        const promised = new Set(out);
        const answer = await one.list(session);
        counts.lists++;
        if (answer.status !== 200) {
          expect([500, 503]).toContain(answer.status);
          counts.refused++;
          continue;
        }
        const { items: listed } = (await answer.json()) as { items: { id: string }[] };
        counts.shown += listed.length;
        counts.wrong += listed.filter(({ id }) => promised.has(id) && out.has(id)).length;
      }
    };
    const listing = [...SESSIONS.slice(0, 6).map(lister), ...SESSIONS.slice(6, 8).map(ranker)];
    await Promise.all([0, 1, 2].map((n) => writer(items.slice(n * 4, n * 4 + 3), 25)));
    isOver = true;
    await Promise.all(listing);
    vi.restoreAllMocks();
    console.log(JSON.stringify(counts));
    expect(counts.wrong).toBe(0);
    expect(counts.acknowledged).toBeGreaterThan(20);
    expect(counts.shown).toBeGreaterThan(0);
    expect(counts.ranks).toBeGreaterThan(20);
    // Somebody who hides everything would pass as well.
    for (const session of SESSIONS) expect(await one.ids(session)).toContain("item-3");
  }, 60_000);
});

describe("a site without a catalogue", () => {
  it("asks for one once in the life of a shard", async () => {
    const one = shop(1);
    await one.view("session-1", "a", "b");
    expect(await one.receipt([{ id: "a", colour: "red" }])).toMatchObject({ refused: 1, version: 0 });
    for (let restart = 0; restart < 4; restart++) {
      expect(await one.ids("session-1")).toContain("a");
      await evictDurableObject(env.SHARDS.getByName(`${one.id}/0`));
    }
    expect((await env.CATALOGS.getByName(one.id).stats()).pulls).toBe(1);
  });
});

describe("an item that pages call sold out", () => {
  it("is in no list once two visitors saw it, until the shop or a page says otherwise", async () => {
    const one = shop(1);
    await one.view("session-1", "lamp", "desk", "chair");
    const see = async (session: string, availability: string) => {
      const events = [event({ name: "view_item", items: [{ itemId: "lamp", availability }] })];
      const body = { key: keyOf(one.id, "write"), session, stream: `${session}-${made++}`, seq: 0, events };
      const answer = await send("/v1/batches", { method: "POST", body: JSON.stringify(body) }, one.vars);
      expect(await answer.json()).toMatchObject({ accepted: 1 });
    };
    await see("visitor-1", "https://schema.org/SoldOut");
    expect(await one.ids("session-2")).toContain("lamp");
    await see("visitor-2", "https://schema.org/OutOfStock");
    expect(await one.ids("session-2")).not.toContain("lamp");
    await evictDurableObject(env.SHARDS.getByName(`${one.id}/0`));
    expect(await one.ids("session-2")).not.toContain("lamp");
    expect(await (await one.rank({ items: ["lamp", "desk"] })).json()).toMatchObject({
      ...{ items: ["desk", "lamp"], unavailable: ["lamp"] },
    });
    await one.receipt([{ id: "lamp", availability: "in_stock" }]);
    expect(await one.ids("session-2")).toContain("lamp");
    for (const visitor of ["visitor-3", "visitor-4"]) await see(visitor, "out_of_stock");
    expect(await one.ids("session-2")).toContain("lamp");
  });
});

describe("rules", () => {
  const admin = (id: string, init: RequestInit = {}) => ({
    ...init,
    headers: { ...(bearer(keyOf(id, "admin")).headers as Record<string, string>), ...init.headers },
  });
  const put = (one: ReturnType<typeof shop>, rules: unknown, headers: Record<string, string> = {}) =>
    send("/v1/rules", admin(one.id, { method: "PUT", body: JSON.stringify(rules), headers }), one.vars);

  it("are followed by every shard from the answer on, and shown before they are", async () => {
    const one = shop();
    for (const session of SESSIONS) await one.view(session, "a", "b", "c", "d");
    await one.receipt([
      { id: "a", tags: ["old"] },
      { id: "d", category: "Lamps" },
    ]);
    const rules = { site: { exclude: [{ tag: ["old"] }], pin: [{ item: "d", at: 1 }] } };
    const preview = await send(
      "/v1/rules/preview",
      admin(one.id, {
        method: "POST",
        body: JSON.stringify({ rules, query: { session: SESSIONS[0], item: "elsewhere" } }),
      }),
      one.vars,
    );
    expect(preview.status).toBe(200);
    const { before, after, dropped } = (await preview.json()) as Record<
      string,
      { id: string; why: unknown }[]
    >;
    expect(new Set(before?.map(({ id }) => id))).toEqual(new Set(["a", "b", "c", "d"]));
    expect(after?.[0]).toMatchObject({ id: "d", reason: "pinned", why: ["/site/pin/0"] });
    expect(dropped).toEqual([{ id: "a", why: "/site/exclude/0" }]);
    expect(await one.ids(SESSIONS[0] as string)).toContain("a");
    expect((await put(one, rules)).status).toBe(200);
    for (const session of SESSIONS) {
      const ids = await one.ids(session);
      expect(ids[0]).toBe("d");
      expect(ids).not.toContain("a");
    }
    for (const shard of one.shards()) await evictDurableObject(shard);
    for (const session of SESSIONS) expect(await one.ids(session)).not.toContain("a");
    expect((await put(one, {})).status).toBe(200);
    expect(await one.ids(SESSIONS[0] as string)).toContain("a");
  });

  it("are shown as they are at another moment, in ms or as text", async () => {
    const one = shop(1);
    const from = "2031-05-01T00:00:00Z";
    const rules = { site: { pin: [{ item: "b", at: 1 }], schedule: { from } } };
    await one.view(SESSIONS[0] as string, "a", "b", "c");
    const pinnedAt = async (at?: unknown) => {
      const body = JSON.stringify({ rules, query: { item: "elsewhere" }, at });
      const preview = await send("/v1/rules/preview", admin(one.id, { method: "POST", body }), one.vars);
      expect(preview.status).toBe(200);
      const { after } = (await preview.json()) as { after: { reason: string }[] };
      return after.some(({ reason }) => reason === "pinned");
    };
    expect(await pinnedAt()).toBe(false);
    expect(await pinnedAt(from)).toBe(true);
    expect(await pinnedAt(Date.parse(from))).toBe(true);
    expect(await pinnedAt(Date.parse(from) - 1)).toBe(false);
  });

  it("order what the shop itself lists, where a placement is named: nothing is left out", async () => {
    const one = shop(1);
    await one.receipt([
      { id: "gone", hidden: true },
      { id: "sold", availability: "out_of_stock" },
    ]);
    await put(one, {
      placements: {
        search: {
          ...{ pin: [{ item: "c", at: 1 }], bury: [{ where: { id: ["a"] }, by: 5 }] },
          ...{ exclude: [{ id: ["b"] }] },
        },
      },
    });
    const items = ["sold", "a", "gone", "b", "c", "d"];
    const unavailable = ["sold", "gone"];
    const answered = async (question: object) => (await one.rank({ items, ...question })).json();
    expect(await answered({})).toMatchObject({ items: ["a", "b", "c", "d", ...unavailable], unavailable });
    expect(await answered({ placement: "search" })).toMatchObject({
      ...{ items: ["c", "d", "a", "b", ...unavailable], scores: [0, 0, 0, 0, 0, 0], unavailable },
    });
    expect(await answered({ placement: "search", omitUnavailable: true })).toMatchObject({
      ...{ items: ["c", "d", "a", "b"], scores: [0, 0, 0, 0], unavailable },
    });
  });

  it("give a placement its kind, which its list id and freshness follow", async () => {
    const one = shop(1);
    await one.view("session-1", "a", "b");
    await put(one, { placements: { home: { kind: "recent" } } });
    const answer = await send(
      "/v1/recommendations?session=session-1&placement=home",
      bearer(keyOf(one.id, "read")),
      one.vars,
    );
    const { items } = (await answer.json()) as { items: { reason: string }[] };
    expect(items.map(({ reason }) => reason)).toEqual(["recent"]);
  });

  it("are not written over by who has not seen them", async () => {
    const one = shop(1);
    const first = await put(one, { site: {} }, { "if-match": '"0"' });
    expect([first.status, first.headers.get("etag")]).toEqual([200, '"1"']);
    expect(await problemOf(await put(one, {}, { "if-match": '"0"' }))).toEqual([412, "rules_changed"]);
    expect(await problemOf(await put(one, { version: 0 }))).toEqual([412, "rules_changed"]);
    expect(await problemOf(await put(one, {}, { "if-match": "nonsense" }))).toEqual([412, "rules_changed"]);
    expect((await put(one, { version: 1 })).status).toBe(200);
    const read = await send("/v1/rules", bearer(keyOf(one.id, "read")), one.vars);
    expect([read.headers.get("etag"), await read.json()]).toEqual(['"2"', { version: 2 }]);
  });

  it("are put once by a call that is repeated, and match any version of a list", async () => {
    const one = shop(1);
    await one.view("session-1", "a");
    const rules = { site: { exclude: [{ id: ["a"] }] } };
    const ifMatch = (tags: string) => ({ "if-match": tags });
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await one.receipt([{ id: "a", name: "A" }]);
    await runInDurableObject(env.SHARDS.getByName(`${one.id}/0`), async (shard) => {
      const heed = vi.spyOn(shard, "heed").mockRejectedValue(new Error("not now"));
      expect(await problemOf(await put(one, rules, ifMatch('"0"')))).toEqual([503, "overloaded"]);
      heed.mockRestore();
    });
    vi.restoreAllMocks();
    for (let n = 0; n < 2; n++) {
      const again = await put(one, rules, ifMatch('"0"'));
      expect([again.status, again.headers.get("etag")]).toEqual([200, '"1"']);
    }
    expect(await problemOf(await put(one, {}, ifMatch('"0", "7"')))).toEqual([412, "rules_changed"]);
    expect((await put(one, {}, ifMatch('"7" ,W/"1",'))).headers.get("etag")).toBe('"2"');
    expect((await put(one, rules, ifMatch("*"))).headers.get("etag")).toBe('"3"');
  });

  it("stay when a request to put others lost its body", async () => {
    const one = shop(1);
    await put(one, { site: { exclude: [{ tag: ["old"] }] } });
    const lost = await send("/v1/rules", admin(one.id, { method: "PUT" }), one.vars);
    expect(await problemOf(lost)).toEqual([400, "body_not_json"]);
    const read = await send("/v1/rules", bearer(keyOf(one.id, "read")), one.vars);
    expect(await read.json()).toMatchObject({ version: 1, site: { exclude: [{ tag: ["old"] }] } });
  });

  it.each([
    [{ site: { exclude: [{}] } }, "/site/exclude/0"],
    [{ site: { exclude: [{ colour: ["red"] }] } }, "/site/exclude/0"],
    [{ placements: { home: { pin: [{ item: "a", at: 0 }] } } }, "/placements/home/pin/0/at"],
    [{ site: { boost: [{ where: { tag: ["a"] }, by: 0.5 }] } }, "/site/boost/0/by"],
    [{ site: { schedule: { timeZone: "Mars/Base" } } }, "/site/schedule/timeZone"],
    [{ site: { kind: "best" } }, "/site/kind"],
    [{ site: { filter: [{ price: { minMinor: 5, currency: "XXX" } }] } }, "/site/filter/0/price/currency"],
    [{ placements: { "a/b~c": { kind: "best" } } }, "/placements/a~1b~0c/kind"],
    [[], ""],
  ])("%j are refused at %s", async (rules, pointer) => {
    const answer = await put(shop(1), rules);
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect(errors.map((error) => error.pointer)).toEqual([pointer]);
  });
});

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { PlacementsAnswer, RecommendationAnswer } from "../../collector/event/recommendation.ts";
import type { Env } from "../env.ts";
import type { ShardPort } from "../shards.ts";
import { batchOf, bearer, event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const SITE = deployed(siteConfig({ id: "kinds" }));
const KEY = keyOf("kinds", "write");

let orders = 0;

type Step = [name: string, item: string, category: string];

/** One session of a shop: what it did, in one batch. */
async function visit(steps: Step[], more: Record<string, unknown> = {}, country?: string): Promise<void> {
  const events = steps.map(([name, itemId, itemCategory], n) =>
    event({
      name,
      ...(name === "purchase" ? { transactionId: `o-${itemId}-${orders++}`, currency: "EUR", value: 1 } : {}),
      occurredAtMs: Date.now() - 1000 + n,
      items: [{ itemId, itemCategory }],
    }),
  );
  const init = country === undefined ? {} : { cf: { country } };
  const body = batchOf(events, { key: KEY, ...more });
  const answer = await send("/v1/batches", { method: "POST", body, ...init } as RequestInit, SITE);
  expect(await answer.json()).toMatchObject({ accepted: events.length, quarantined: 0 });
}

async function list(query: string): Promise<RecommendationAnswer> {
  const answer = await send(`/v1/recommendations?key=${KEY}&${query}`, {}, SITE);
  return (await answer.json()) as RecommendationAnswer;
}

const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);

function ask(body: unknown, init: RequestInit = {}): Promise<Response> {
  return send("/v1/recommendations", { method: "POST", body: JSON.stringify(body), ...init }, SITE);
}

beforeAll(async () => {
  for (let n = 0; n < 3; n++) {
    await visit([
      ["view_item", "boot-a", "boots"],
      ["view_item", "boot-b", "boots"],
      ["add_to_cart", "boot-a", "boots"],
      ["purchase", "boot-a", "boots"],
      ["purchase", "sock", "socks"],
    ]);
    await visit([["view_item", "sauna", "garden"]], {}, "FI");
  }
});

describe("GET /v1/recommendations", () => {
  it("answers the same while a deploy goes on and the shard is of an earlier version, which writes no JSON", async () => {
    const { SHARDS } = env as unknown as Env;
    const earlier = {
      getByName: (name: string) => {
        const shard = SHARDS.getByName(name) as unknown as ShardPort;
        // Its method has two parameters, so a third one is nothing to it.
        const recommendAll = shard.recommendAll as (...two: unknown[]) => unknown;
        return { recommendAll: (...[asker, placements]: unknown[]) => recommendAll(asker, placements) };
      },
    };
    const path = `/v1/recommendations?key=${KEY}&kind=similar&item=boot-a`;
    const answer = await send(path, {}, { ...SITE, SHARDS: earlier as unknown as Env["SHARDS"] });
    // Scores fade with time, by a little between two questions.
    const shown = ({ items }: RecommendationAnswer) => items.map(({ score, ...item }) => item);
    const now = shown(await list("kind=similar&item=boot-a"));
    expect(shown((await answer.json()) as RecommendationAnswer)).toEqual(now);
    expect(now.length).toBeGreaterThan(0);
  });

  it("answers each kind with its reason, its evidence, and when to ask again", async () => {
    const similar = await list("kind=similar&item=boot-a&limit=1");
    expect(similar).toMatchObject({
      items: [{ id: "boot-b", reason: "similar", evidence: { item: "boot-a", sessions: 3 } }],
      listId: expect.stringMatching(/^rec:default:model:[a-p]+:similar$/),
      variant: "model",
      refresh: { class: "hourly", afterMs: expect.any(Number) },
    });
    expect(await list("kind=bought_together&item=boot-a")).toMatchObject({
      items: [{ id: "sock", reason: "bought_together", evidence: { item: "boot-a", sessions: 3 } }],
    });
    expect(await list("kind=complements&cart=boot-a")).toMatchObject({
      items: [{ id: "sock", reason: "complement" }],
    });
    expect(idsOf((await list("kind=trending&category=garden")).items)).toEqual(["sauna"]);
    expect(await list("kind=trending&region=FI&limit=1")).toMatchObject({
      items: [{ id: "sauna", evidence: { region: "FI", clicks: 3 } }],
      refresh: { class: "seconds" },
    });
    expect(idsOf((await list("kind=recent&recent=sock,boot-a&item=boot-b")).items)).toEqual([
      "boot-a",
      "sock",
    ]);
    expect(idsOf((await list("kind=new&limit=1")).items)).toEqual(["sauna"]);
    expect((await list("kind=back_in_stock")).items).toEqual([]);
  });

  it("takes the region of the request where it says `here`", async () => {
    const init = { cf: { country: "FI" } } as RequestInit;
    const path = `/v1/recommendations?key=${KEY}&kind=trending&region=here&limit=1`;
    expect(await (await send(path, init, SITE)).json()).toMatchObject({ items: [{ id: "sauna" }] });
    expect((await send(path, {}, SITE)).status).toBe(200);
  });

  it("is kept by a browser only where the caller says how old it may be", async () => {
    const control = async (query: string) =>
      (await send(`/v1/recommendations?key=${KEY}&${query}`, {}, SITE)).headers.get("cache-control");
    expect(await control("kind=trending")).toBe("no-store");
    expect(await control("kind=trending&freshness=seconds")).toMatch(/^private, max-age=/);
    expect(await control("freshness=hourly")).toBe("no-store");
  });

  it("says where a question is wrong", async () => {
    const ids = Array.from({ length: 51 }, (_, n) => n).join(",");
    for (const query of ["kind=best", "region=Finland", "category=", `cart=${ids}`, "freshness=old"]) {
      const answer = await send(`/v1/recommendations?key=${KEY}&${query}`, {}, SITE);
      expect(await answer.clone().json()).toMatchObject({
        errors: [{ pointer: `/query/${query.split("=")[0]}`, code: "query_invalid" }],
      });
      expect(await problemOf(answer)).toEqual([400, "query_invalid"]);
    }
  });
});

describe("POST /v1/recommendations", () => {
  const placements = [
    { placement: "a", kind: "similar", item: "boot-a", limit: 2 },
    { placement: "b", kind: "trending", limit: 2 },
    { placement: "c", kind: "session", limit: 9 },
  ];

  it("fills all placements, an item only in the first that has it, and needs no preflight", async () => {
    const answer = await ask(
      { key: KEY, session: "me", placements },
      { headers: { "content-type": "text/plain" } },
    );
    expect(answer.status).toBe(200);
    const { placements: lists, refresh, variant } = (await answer.json()) as PlacementsAnswer;
    expect(lists.map(({ placement }) => placement)).toEqual(["a", "b", "c"]);
    expect(lists.map(({ listId }) => listId.split(":").at(-1))).toEqual(["similar", "trending", "session"]);
    const ids = lists.flatMap(({ items }) => idsOf(items));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual(["boot-b", "sauna", "sock"]);
    expect({ variant, class: refresh.class }).toEqual({ variant: "model", class: "live" });
  });

  it("knows the session's own click at once, and leaves out its cart", async () => {
    await visit([["add_to_cart", "boot-a", "boots"]], { session: "buyer" });
    const body = { key: KEY, session: "buyer", placements: [{ placement: "cart", kind: "complements" }] };
    const { placements: lists } = (await (await ask(body)).json()) as PlacementsAnswer;
    expect(lists[0]?.items).toMatchObject([{ id: "sock", evidence: { item: "boot-a" } }]);
  });

  it("takes a read key as Bearer, and nothing without a key, whatever the body says", async () => {
    expect((await ask({ placements }, bearer(keyOf("kinds", "read")))).status).toBe(200);
    expect(await problemOf(await ask({ placements }))).toEqual([401, "key_missing"]);
    expect(await problemOf(await ask("no object"))).toEqual([401, "key_missing"]);
    expect(await problemOf(await ask({ key: keyOf("kinds", "read"), placements }))).toEqual([
      403,
      "key_forbidden",
    ]);
  });

  it("takes ids that are numbers, as events do", async () => {
    const numbered = { placement: "p", item: 4711, cart: [4712] };
    expect((await ask({ key: KEY, session: 1, recent: [4713], placements: [numbered] })).status).toBe(200);
    const body = JSON.stringify({ items: [4711, "sock"] });
    const ranked = await send(`/v1/rank?key=${KEY}`, { method: "POST", body }, SITE);
    expect(await ranked.json()).toMatchObject({ items: ["4711", "sock"] });
  });

  it("says where a body is wrong", async () => {
    const one = { placement: "p" };
    for (const [body, pointer] of [
      [{}, "/placements"],
      [{ placements: [] }, "/placements"],
      [{ placements: Array(13).fill(one) }, "/placements"],
      [{ placements: [{}] }, "/placements/0/placement"],
      [{ placements: [one, { ...one, kind: "best" }] }, "/placements/1/kind"],
      [{ placements: [{ ...one, limit: 101 }] }, "/placements/0/limit"],
      [{ placements: [{ ...one, cart: Array(51).fill("x") }] }, "/placements/0/cart"],
      [{ placements: [one], session: "\u0000" }, "/session"],
    ] as const) {
      const answer = await ask({ key: KEY, ...body });
      expect(await answer.clone().json()).toMatchObject({ errors: [{ pointer, code: "query_invalid" }] });
      expect(await problemOf(answer)).toEqual([400, "query_invalid"]);
    }
  });

  it("gives the hold-out group popular items alone", async () => {
    const site = deployed(siteConfig({ id: "kinds", holdOut: { share: 1 } }));
    const answer = await send(
      "/v1/recommendations",
      { method: "POST", body: JSON.stringify({ key: KEY, session: "me", placements }) },
      site,
    );
    const { placements: lists, variant } = (await answer.json()) as PlacementsAnswer;
    expect(variant).toBe("control");
    const items = lists.flatMap((one) => one.items);
    expect(new Set(items.map(({ reason }) => reason))).toEqual(new Set(["trending"]));
    expect(new Set(idsOf(items)).size).toBe(items.length);
    expect(idsOf(lists[0]?.items ?? [])).not.toContain("boot-a");
  });
});

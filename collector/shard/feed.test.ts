import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventBatch } from "../event/event.ts";
import type { RecommendationsReport } from "../event/report.ts";
import { FeedRelay } from "../rollup/feed-relay.ts";
import { Rollup } from "../rollup/rollup.ts";
import type { FeedCursor } from "./feed-state.ts";
import { batchOf, OneShard } from "./one-shard.ts";
import type { ShardLimits } from "./shard-limits.ts";
import { ownerOf, type ShardMap, shardsNow } from "./shard-map.ts";

const NOW_MS = 1_790_000_000_000;
const ONE: ShardMap = [{ shards: 1 }];
const TWO: ShardMap = [...ONE, { shards: 2 }];
const FOUR: ShardMap = [...TWO, { shards: 4 }];
const BACK: ShardMap = [...FOUR, { shards: 1 }];
const EIGHT: ShardMap = [...ONE, { shards: 8 }];
const MAPS = [ONE, TWO, FOUR, BACK];

/** The shards of one site with their rollup, which the tests call themselves. */
class Site {
  readonly shards: OneShard[];
  readonly accepted: string[] = [];
  /** What goes wrong between the rollup and a shard, before or after the shard did its part. */
  disturb: (moment: "before" | "after") => void = () => {};
  relayed = 0;
  rollupIsAway = false;
  /** Clicks of a shard that all others know, as the rollup says. */
  told = Number.MAX_SAFE_INTEGER;
  /** Until then it does not answer. */
  relaying: Promise<void> = Promise.resolve();
  /** As the rollup's clock has it. */
  nowMs = NOW_MS;
  copies = 0;
  map: ShardMap;
  #relay: FeedRelay;

  constructor(map: ShardMap, limits: Partial<ShardLimits> = {}, shards = 4) {
    this.map = map;
    const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));
    this.shards = Array.from(
      { length: shards },
      (_, shard) =>
        new OneShard(
          {
            shard,
            handOver: async (owner, query) => copy(await this.at(owner).handOver(query)),
            relay: async () => {
              this.relayed++;
              if (this.rollupIsAway) throw new Error("away");
              await this.relaying;
              return this.told;
            },
            abort: () => this.shards[shard]?.restart(),
            copyOf: async (_, owner) => {
              this.copies++;
              return structuredClone(await this.at(owner).modelCopy());
            },
          },
          { checkpointCommits: 3, checkpointLength: 1, ...limits },
        ),
    );
    this.#relay = this.#newRelay();
  }

  at(shard: number) {
    return (this.shards[shard] as OneShard).shard;
  }

  async click(session: string, itemId: string, at: number, more: Partial<EventBatch> = {}): Promise<void> {
    const occurredAtMs = NOW_MS + at * 1_000;
    const event = { name: "view_item", occurredAtMs, items: [{ itemId, name: `A ${itemId}`, quantity: 1 }] };
    const batch = batchOf(`stream of ${session}`, [event], { seq: at, session, ...more });
    const answer = await this.at(ownerOf(this.map, session)).ingest(structuredClone(batch), this.map);
    if (!("receipt" in answer)) throw new Error(Object.keys(answer).join());
    if (answer.accepted > 0) this.accepted.push(`${itemId} ${Math.floor(occurredAtMs / 1000)}`);
  }

  /** The rollup begins anew. */
  forgetRelay(): void {
    this.#relay = this.#newRelay();
  }

  /** As the alarms of shards do that are not done. */
  async relay(tries = 20): Promise<void> {
    try {
      await this.#relay.relay(this.map, { shard: 0, epoch: 0 });
    } catch (error) {
      if (tries === 1) throw error;
      await this.relay(tries - 1);
    }
  }

  #newRelay(): FeedRelay {
    return new FeedRelay({
      pause: async () => {},
      nowMs: () => this.nowMs,
      feed: async (shard, query) => {
        const offer = await this.at(shard).feed(query);
        this.disturb("after");
        return structuredClone(offer);
      },
      learn: async (shard, offers) => {
        this.disturb("before");
        const cursors = await this.at(shard).learnOthers("shop", structuredClone(offers));
        this.disturb("after");
        return cursors;
      },
    });
  }

  learned(shard: number): string[] {
    return [...this.at(shard).state.model.own.all()]
      .map((click) => `${click?.itemId} ${click?.timeS}`)
      .sort();
  }

  /** What a visitor would see who has looked at an item. */
  lists(shard: number): unknown {
    const { model } = this.at(shard).state;
    return ["a", "b", "c", "d", "e"].map((id) => model.recommend({ recent: [id], limit: 10, nowMs: NOW_MS }));
  }

  expectAllLearned(): void {
    const all = [...this.accepted].sort();
    for (let shard = 0; shard < shardsNow(this.map); shard++) expect(this.learned(shard)).toEqual(all);
  }
}

const ITEMS = ["a", "b", "c", "d", "e"];

/** A few hundred clicks of sessions that go from an item to the next one. */
async function shop(site: Site, sessions = 40): Promise<void> {
  for (let n = 0; n < sessions; n++)
    for (let at = 0; at < 4; at++) await site.click(`s${n}`, ITEMS[(n + at) % 5] as string, at);
}

describe("many shards", () => {
  it("learn every click once, over lost and repeated calls, crashes, copies and changes of the map", async () => {
    const step = fc.record({
      session: fc.nat(9),
      relay: fc.boolean(),
      trouble: fc.option(fc.nat(6), { freq: 2 }),
      crash: fc.option(fc.record({ shard: fc.nat(3), survivors: fc.constantFrom(0, 1, 99) }), { freq: 4 }),
      restartRelay: fc.boolean(),
      version: fc.nat(3),
    });
    const limits = fc.record({
      feedClicks: fc.constantFrom(3, 10_000),
      copyClicks: fc.constantFrom(2, 10_000),
    });
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), limits, async (steps, given) => {
        const site = new Site(ONE, given);
        let version = 0;
        for (const [at, { session, relay, trouble, crash, restartRelay, ...to }] of steps.entries()) {
          if (at > 5) version = Math.max(version, to.version);
          site.map = MAPS[version] as ShardMap;
          await site.click(`s${session}`, ITEMS[at % 5] as string, at);
          if (restartRelay) site.forgetRelay();
          let calls = trouble ?? Number.POSITIVE_INFINITY;
          site.disturb = () => {
            if (calls-- === 0) throw new Error("lost");
          };
          if (relay) await site.relay(1).catch(() => {});
          if (crash) site.shards[crash.shard]?.restart(crash.survivors);
        }
        site.disturb = () => {};
        await site.relay();
        site.expectAllLearned();
        copies += site.copies;
        for (const one of site.shards) {
          const lists = site.lists(site.shards.indexOf(one));
          one.restart(0);
          expect(site.lists(site.shards.indexOf(one))).toEqual(lists);
          expect(one.shard.positions.feed.missed).toBe(0);
        }
        site.expectAllLearned();
      }),
      { numRuns: 60 },
    );
    expect(copies).toBeGreaterThan(0);
  });

  it("show an item to a visitor of one shard when a visitor of another has looked at it", async () => {
    const site = new Site(FOUR);
    await shop(site);
    await site.relay();
    const shown = site.lists(0);
    for (let shard = 1; shard < 4; shard++)
      expect(
        (site.lists(shard) as { id: string }[][]).map((list) => list.map(({ id }) => id).sort()),
      ).toEqual((shown as { id: string }[][]).map((list) => list.map(({ id }) => id).sort()));
    expect(site.at(3).state.model.factsOf("a")).toMatchObject({ name: "A a" });
  });

  it("know what is hot in a country and after a search on all shards", async () => {
    const site = new Site(TWO);
    const searching = { name: "search", searchTerm: "lamp", occurredAtMs: NOW_MS };
    for (let n = 0; n < 12; n++) {
      const session = `s${n}`;
      const search = batchOf(`stream of ${session}`, [searching], { session });
      await site.at(ownerOf(TWO, session)).ingest(search, TWO);
      await site.click(session, n < 8 ? "a" : "b", 1, { country: n < 8 ? "FR" : "DE" });
      if (n === 5) for (const one of site.shards) one.restart(0);
    }
    await site.relay();
    for (const shard of [0, 1]) {
      const { model } = site.at(shard).state;
      const hottest = (region: string) =>
        model.recommend({ kind: "trending", region, limit: 1, nowMs: NOW_MS + 60_000 })[0]?.id;
      expect([hottest("FR"), hottest("DE")]).toEqual(["a", "b"]);
    }
  });

  it("know of eight what one alone would: by region and after a search, also those that came later", async () => {
    const [one, eight] = [new Site(ONE), new Site(ONE, {}, 8)];
    eight.told = 0;
    const regions = ["FR", "DE", "IT"];
    const terms = ["lamp", "tent", "sock"];
    const search = async (site: Site, session: string, searchTerm: string, seq = 0) => {
      const event = { name: "search", searchTerm, occurredAtMs: NOW_MS };
      const batch = batchOf(`stream of ${session}`, [event], { session, seq });
      await site.at(ownerOf(site.map, session)).ingest(batch, site.map);
    };
    for (const site of [one, eight])
      for (let n = 0; n < 90; n++) {
        if (n === 45 && site === eight) site.map = EIGHT;
        const session = `s${n}`;
        await search(site, session, terms[n % 3] as string);
        // The hotter, the earlier in the list: no two items alike in any region or after any term.
        for (let at = 1; at <= 2; at++) {
          const item = ITEMS[Math.min(4, Math.floor((n * at) ** 0.5 / 2))] as string;
          await site.click(session, item, at, { country: regions[(n >> 1) % 3] as string });
        }
        if (n % 9 === 0) await site.relay();
      }
    await eight.relay();
    const asked = (site: Site, shard: number): unknown => {
      const { model } = site.at(shard).state;
      const list = (query: object) =>
        model
          .recommend({ ...query, limit: 10, nowMs: NOW_MS + 60_000 })
          .map(({ id, evidence }) => [id, evidence]);
      return regions.map((region) => list({ kind: "trending", region }));
    };
    for (let shard = 0; shard < 8; shard++) {
      expect(asked(eight, shard)).toEqual(asked(one, 0));
      const before = asked(eight, shard);
      eight.shards[shard]?.restart(0);
      expect(asked(eight, shard)).toEqual(before);
    }
    // What others clicked after the same search, for visitors on every shard.
    const searched = new Set<number>();
    for (let n = 0; n < 40; n++) {
      const session = `searching ${n}`;
      const lists = [];
      for (const site of [one, eight]) {
        await search(site, session, terms[n % 3] as string);
        const { model } = site.at(ownerOf(site.map, session)).state;
        const list = model.recommend({ session, limit: 10, nowMs: NOW_MS + 1000 });
        lists.push(list.map(({ id, reason, evidence }) => [id, reason, evidence]));
      }
      expect(lists[1]).toEqual(lists[0]);
      expect(lists[0]?.[0]?.[1]).toBe("searched");
      searched.add(ownerOf(EIGHT, session));
    }
    expect(searched.size).toBe(8);
  });

  it("know on all shards what is sold out, when visitors of two of them have seen it", async () => {
    const site = new Site(TWO);
    await shop(site, 10);
    const visitors = [0, 1].map((shard) =>
      Array.from({ length: 99 }, (_, n) => `v${n}`).find((session) => ownerOf(TWO, session) === shard),
    ) as [string, string];
    const shown = (shard: number) =>
      JSON.stringify(
        site.at(shard).state.model.recommend({ kind: "trending", limit: 9, nowMs: NOW_MS + 60_000 }),
      );
    const sold = { itemId: "c", quantity: 1, availability: "out_of_stock" as const };
    for (const [at, session] of visitors.entries()) {
      const event = { name: "view_item", occurredAtMs: NOW_MS + (at + 9) * 1000, items: [sold] };
      await site.at(at).ingest(batchOf(`stream of ${session}`, [event], { session }), TWO);
    }
    for (const shard of [0, 1]) expect(shown(shard)).toContain('"c"');
    await site.relay();
    for (const shard of [0, 1]) {
      expect(shown(shard)).not.toContain('"c"');
      site.shards[shard]?.restart(0);
      expect(shown(shard)).not.toContain('"c"');
    }
  });

  it("tell each other of no session by its id", async () => {
    const site = new Site(TWO);
    await shop(site, 6);
    const texts: string[] = [];
    for (const shard of [0, 1]) texts.push(JSON.stringify(await site.at(shard).feed({ position: 0 })));
    expect(texts.join()).toContain('"a"');
    expect(texts.join()).not.toMatch(/s\d/);
  });

  it("ask for the rollup once for all that came while it was busy, and again when it did not answer", async () => {
    const site = new Site(TWO);
    await Promise.all(Array.from({ length: 30 }, (_, n) => site.click(`s${n}`, "a", 0)));
    expect(site.relayed).toBeLessThan(10);
    expect(site.relayed).toBeGreaterThan(0);
    site.rollupIsAway = true;
    await site.click("s0", "a", 1);
    const { relayed } = site;
    for (const { shard } of site.shards) await shard.alarm();
    expect(site.relayed).toBe(relayed + 1);
    site.rollupIsAway = false;
    site.shards.forEach((one) => {
      one.restart();
    });
    for (const { shard } of site.shards) await shard.alarm();
    expect(site.relayed).toBeGreaterThan(relayed + 1);
  });

  it("tell a shard that came while the others were being told", async () => {
    const site = new Site(TWO);
    const session = Array.from({ length: 99 }, (_, n) => `s${n}`).find(
      (id) => ownerOf(TWO, id) === 0 && ownerOf(FOUR, id) === 0,
    ) as string;
    await site.click(session, "a", 0);
    await new Promise((done) => setTimeout(done));
    const { promise, resolve } = Promise.withResolvers<void>();
    site.relaying = promise;
    await site.click(session, "b", 1);
    await site.at(0).probe("another stream", { site: "shop", session, map: FOUR });
    resolve();
    await new Promise((done) => setTimeout(done));
    // What that answer told was true of two shards.
    expect(site.at(0).positions.feed.behind).toBeGreaterThan(0);
    site.shards[0]?.restart();
    await site.at(0).alarm();
    expect(site.at(0).positions.feed.behind).toBe(0);
  });

  it("give a new shard the whole model at once, and the same lists", async () => {
    const site = new Site(ONE, { copyClicks: 100 });
    await shop(site);
    site.map = TWO;
    await site.relay();
    expect(site.copies).toBe(1);
    expect(site.lists(1)).toEqual(site.lists(0));
    // What both accept from here on is learned by both.
    await shop(site, 50);
    await site.relay();
    expect(site.copies).toBe(1);
    site.expectAllLearned();
    site.shards[1]?.restart(0);
    site.expectAllLearned();
  });

  it("pass on as their own what they accepted, and nothing of a model that they took over", async () => {
    const site = new Site(TWO, { copyClicks: 30 });
    const [first, second] = [0, 1].map((shard) =>
      Array.from({ length: 99 }, (_, n) => `s${n}`).find((session) => ownerOf(TWO, session) === shard),
    ) as [string, string];
    for (let at = 0; at < 3; at++) await site.click(second, "a", at);
    await site.at(0).learnOthers("shop", [await site.at(1).feed({ position: 0 })]);
    for (let at = 0; at < 40; at++) await site.click(first, "b", at);
    for (let at = 3; at < 5; at++) await site.click(second, "c", at);
    await site.relay();
    expect(site.copies).toBe(1);
    site.expectAllLearned();
    // What came with the copy can be had from the others, and is no click of this shard.
    const { epoch } = site.at(0).state.feed.cursor(1) as FeedCursor;
    const { own, from, items } = await site.at(1).feed({ position: 0, epoch });
    expect(own).toBe(5);
    expect(from).toBeGreaterThanOrEqual(3);
    expect(items).not.toContain("b");
  });

  it("take over a model, when clicks cannot be had one by one any more, without losing their own", async () => {
    const site = new Site(TWO, { feedClicks: 10 });
    await shop(site);
    await site.relay();
    expect(site.copies).toBeGreaterThan(0);
    site.expectAllLearned();
  });

  it("do not wait again and again for one that does not answer, and tell it when it does", async () => {
    const site = new Site(FOUR);
    await shop(site, 8);
    let waited = 0;
    site.disturb = (moment) => {
      if (moment === "after" || waited > 0) return;
      waited++;
      site.nowMs += 20_000;
      throw new Error("no answer");
    };
    await expect(site.relay(1)).rejects.toThrow("no answer");
    await expect(site.relay(1)).rejects.toThrow("shard 0 is away");
    const all = [...site.accepted].sort();
    for (let shard = 1; shard < 4; shard++)
      expect(site.learned(shard).length).toBeGreaterThan(all.length - site.at(0).positions.feed.own - 1);
    site.nowMs += 10_000;
    await site.relay(1);
    site.expectAllLearned();
  });

  it("say in a report what each has learned", async () => {
    const site = new Site(TWO);
    await shop(site, 10);
    await site.relay();
    const rollup = new Rollup(
      async (shard, query) => structuredClone(await site.at(shard).pull(query)),
      (shard, orderIds) => site.at(shard).orderTimes(orderIds),
    );
    const query = { site: "shop", shards: 2, nowMs: NOW_MS };
    const report = await rollup.report("recommendations", query);
    if (!report.ok) throw new Error(report.reason);
    const { shards } = (report.value as RecommendationsReport).quality;
    expect(shards.map(({ own, others, missed }) => [own + others, missed])).toEqual([
      [40, 0],
      [40, 0],
    ]);
    expect(shards[0]?.own).toBe(shards[1]?.others);
  });

  it("learn nothing and say nothing alone", async () => {
    const site = new Site(ONE);
    await shop(site);
    expect(site.relayed).toBe(0);
    expect(site.at(0).positions.feed).toMatchObject({ own: 160, behind: 0, others: 0 });
    expect(site.shards[0]?.disk.history.every(({ text }) => !text.includes("feeds"))).toBe(true);
  });
});

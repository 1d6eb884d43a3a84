/**
 * Simulated shoppers: `node scripts/shoppers.ts [--url http://127.0.0.1:8787] [--key wk_demo] [--rate EVENTS_PER_MINUTE]`.
 * They read the demo shop's catalogue and then send what a page would send, through the public API only.
 */
import { setTimeout as sleepFor } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type BatchBody, streamId } from "../collector/event/batch.ts";
import { type Catalog, type CatalogItem, readCatalog } from "./shopper/catalog.ts";
import { between, pick, pickWeighted, type Random, token } from "./shopper/chance.ts";
import { backoffMs, deliver } from "./shopper/delivery.ts";
import { BROWSERS, CRAWLER, INTENTS, type Intent } from "./shopper/intent.ts";
import { askStrip } from "./shopper/strip.ts";
import { planStrip, planVisit, STEPS_MAX, type Step } from "./shopper/visit.ts";

export interface ShopperOptions {
  /** Where the system listens, for example `http://127.0.0.1:8787`. */
  origin: string;
  writeKey: string;
  /** Aborting ends all visits. */
  signal: AbortSignal;
  random: Random;
  log: (line: string) => void;
  /** Events per minute on average, at most RATE_PER_MINUTE_MAX (default 300, which is 5 a second). */
  ratePerMinute?: number;
  clock?: Clock;
  fetch?: typeof fetch;
}

export interface Clock {
  nowMs(): number;
  /** Resolves early when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface ShopperTotals {
  visits: number;
  events: number;
  accepted: number;
  /** Given up after ATTEMPTS_MAX tries, or refused. */
  dropped: number;
}

export interface Shoppers {
  /** Resolves after the signal was aborted and the last visit has ended; never rejects. */
  done: Promise<ShopperTotals>;
  totals: Readonly<ShopperTotals>;
}

export const RATE_PER_MINUTE_DEFAULT = 300;
export const RATE_PER_MINUTE_MAX = 3600;
/** Visits at the same time; above it nobody new comes in. */
export const VISITS_MAX = 600;
/** Visitors who may come back, with what they last looked at. */
const REGULARS_MAX = 300;
const ATTEMPTS_MAX = 8;
/** Mean events of a visit, measured over the intents' shares; see shoppers.test.ts. */
export const EVENTS_PER_VISIT = 12;
/** What strips of recommendations add to it. */
const STRIP_EVENTS_PER_VISIT = 3;
/** Product pages whose strip is scrolled to, and its length. */
const STRIP_CHANCE = 0.5;
const STRIPS_PER_VISIT = 2;
const STRIP_ITEMS = 6;
/** Nobody waits for the first click of a demo. */
const OPENING_VISITS = 6;

/** Lets shoppers in until the signal is aborted. */
export function startShoppers(options: ShopperOptions): Shoppers {
  const totals: ShopperTotals = { visits: 0, events: 0, accepted: 0, dropped: 0 };
  const crowd = new Crowd(options, totals);
  return { done: crowd.run().then(() => totals), totals };
}

interface Regular {
  visitor: string;
  favourite: CatalogItem;
}

class Crowd {
  readonly #options: ShopperOptions;
  readonly #clock: Clock;
  readonly #totals: ShopperTotals;
  readonly #regulars: Regular[] = [];
  readonly #visits = new Set<Promise<void>>();
  /** Nobody sends before this time: the server asked for a pause, or is away. */
  #pausedUntilMs = 0;
  #isAway = false;

  constructor(options: ShopperOptions, totals: ShopperTotals) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#totals = totals;
  }

  async run(): Promise<void> {
    const { signal, random, log } = this.#options;
    const rate = Math.min(
      RATE_PER_MINUTE_MAX,
      Math.max(1, this.#options.ratePerMinute ?? RATE_PER_MINUTE_DEFAULT),
    );
    const gapMs = (60_000 * (EVENTS_PER_VISIT + STRIP_EVENTS_PER_VISIT)) / rate;
    const catalog = await this.#readCatalog();
    if (catalog === undefined) return;
    log(
      `about ${Math.round(rate)} events a minute from shoppers with ${Object.keys(INTENTS).length} intents`,
    );
    for (let visit = 0; !signal.aborted; visit++) {
      await this.#waitWhilePaused();
      if (!signal.aborted && this.#visits.size < VISITS_MAX) this.#open(catalog);
      if (visit >= OPENING_VISITS) await this.#clock.sleep(between(0.3, 1.7, random) * gapMs, signal);
    }
    await Promise.all(this.#visits);
  }

  #open(catalog: Catalog): void {
    const { random } = this.#options;
    const intent = pickWeighted(INTENTS, random);
    const regular =
      intent === "returning" && this.#regulars.length > 0 ? pick(this.#regulars, random) : undefined;
    const visitor = regular?.visitor ?? `v${token(16, random)}`;
    const steps = planVisit(catalog, intent, random, regular?.favourite);
    this.#totals.visits++;
    const visit = this.#visit(catalog, [...steps], visitor, intent).finally(() => this.#visits.delete(visit));
    this.#visits.add(visit);
    this.#remember(catalog, steps, visitor);
  }

  async #visit(catalog: Catalog, steps: Step[], visitor: string, intent: Intent): Promise<void> {
    const { random, signal } = this.#options;
    const browser = {
      "user-agent": intent === "bouncer" && random() < 0.5 ? CRAWLER : pick(BROWSERS, random),
    };
    const session = `s${token(20, random)}`;
    const stream = streamId(this.#clock.nowMs(), token(12, random));
    let seq = 0;
    let strips = 0;
    for (let at = 0; at < Math.min(steps.length, STEPS_MAX); at++) {
      const step = steps[at] as Step;
      await this.#clock.sleep(step.waitMs, signal);
      if (signal.aborted) return;
      const nowMs = this.#clock.nowMs();
      const events = step.events.map((event) => ({
        ...event,
        name: event.name as string,
        occurredAtMs: nowMs,
      }));
      this.#totals.events += events.length;
      if (!(await this.#send({ session, stream, seq, visitor, sentAtMs: nowMs, events }, browser))) return;
      seq += events.length;
      if (strips >= STRIPS_PER_VISIT) continue;
      const more = await this.#strip(catalog, step, session, visitor);
      if (more.length > 0) strips++;
      steps.splice(at + 1, 0, ...more);
    }
  }

  /** What the strip of a product's page makes the shopper do. */
  async #strip(catalog: Catalog, step: Step, session: string, visitor: string): Promise<Step[]> {
    const { random } = this.#options;
    const seen = step.events.find(({ name }) => name === "view_item")?.items?.[0]?.itemId;
    const from = catalog.items.find(({ id }) => id === seen);
    if (from === undefined || random() >= STRIP_CHANCE) return [];
    const question = { session, visitor, placement: "product", item: from.id, limit: STRIP_ITEMS };
    const strip = await askStrip(this.#options, question);
    return strip === undefined ? [] : planStrip(catalog, from, strip, random);
  }

  /** False when the batch was given up, which ends its visit. */
  async #send(batch: BatchBody, headers: Record<string, string>): Promise<boolean> {
    const { signal, random, log } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !signal.aborted; attempt++) {
      await this.#waitWhilePaused();
      const sentAtMs = this.#clock.nowMs();
      const delivery = await deliver({ ...this.#options }, { ...batch, sentAtMs }, headers);
      if (signal.aborted) break;
      switch (delivery.outcome) {
        case "accepted":
          if (this.#isAway) log("the server answers again");
          this.#isAway = false;
          this.#totals.accepted += delivery.receipt.accepted;
          return true;
        case "retry":
          if (delivery.reason !== "overloaded" && !this.#isAway) {
            this.#isAway = true;
            log(`the server does not answer (${delivery.detail}); waiting for it`);
          }
          this.#pausedUntilMs = Math.max(
            this.#pausedUntilMs,
            sentAtMs + (delivery.afterMs ?? backoffMs(attempt, random, 1000)),
          );
          break;
        case "refused":
          log(`a batch was refused with ${delivery.status}: ${delivery.detail}`);
          this.#totals.dropped += batch.events.length;
          // What is refused once is refused again: slow down instead of filling the log.
          this.#pausedUntilMs = this.#clock.nowMs() + 10_000;
          return false;
      }
    }
    this.#totals.dropped += batch.events.length;
    return false;
  }

  async #readCatalog(): Promise<Catalog | undefined> {
    const { origin, signal, random, log } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const response = await (this.#options.fetch ?? fetch)(`${origin}/demo/catalog.json`, { signal });
        const catalog = response.ok ? readCatalog(await response.json()) : undefined;
        if (catalog !== undefined) return catalog;
        if (attempt === 0)
          log(`${origin}/demo/catalog.json answered ${response.status}; waiting for the demo shop`);
      } catch (error) {
        if (attempt === 0 && !signal.aborted)
          log(`${origin} does not answer (${(error as Error).message}); waiting for it`);
      }
      await this.#clock.sleep(backoffMs(attempt, random, 500), signal);
    }
    return undefined;
  }

  async #waitWhilePaused(): Promise<void> {
    const { signal, random } = this.#options;
    for (;;) {
      const leftMs = this.#pausedUntilMs - this.#clock.nowMs();
      if (leftMs <= 0 || signal.aborted) return;
      // Not all at once when the pause ends.
      await this.#clock.sleep(leftMs + random() * 500, signal);
    }
  }

  #remember(catalog: Catalog, steps: Step[], visitor: string): void {
    const seen = steps.flatMap((step) => step.events).findLast((event) => event.name === "view_item")
      ?.items?.[0]?.itemId;
    const favourite = catalog.items.find((item) => item.id === seen);
    if (favourite === undefined) return;
    this.#regulars.push({ visitor, favourite });
    if (this.#regulars.length > REGULARS_MAX) this.#regulars.shift();
  }
}

const realClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(ms, signal) {
    // An aborted sleep rejects; the caller asks the signal.
    await sleepFor(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
  },
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: "http://127.0.0.1:8787" },
      key: { type: "string", default: "wk_demo" },
      rate: { type: "string", default: String(RATE_PER_MINUTE_DEFAULT) },
    },
  });
  const ratePerMinute = Number(values.rate);
  if (!(ratePerMinute > 0)) throw new Error(`--rate is ${values.rate}, not a number of events per minute`);
  const end = new AbortController();
  process.once("SIGINT", () => end.abort());
  process.once("SIGTERM", () => end.abort());
  const { done } = startShoppers({
    origin: new URL(values.url).origin,
    writeKey: values.key,
    signal: end.signal,
    random: Math.random,
    log: (line) => console.log(line),
    ratePerMinute,
  });
  const totals = await done;
  console.log(
    `${totals.visits} visits, ${totals.events} events, ${totals.accepted} accepted, ${totals.dropped} given up`,
  );
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(
      `${(error as Error).message}\nUsage: node scripts/shoppers.ts [--url URL] [--key WRITE_KEY] [--rate EVENTS_PER_MINUTE]`,
    );
    process.exitCode = 1;
  }
}

// How much memory a model takes that is full in every respect, and how long it takes to load it again:
//   npm run bench:recs-memory -- [--loads 5]
// Ends with 1 above the bound. collector/recommend/session-model-memory.test.ts runs it.
import { parseArgs } from "node:util";
import { CATALOG_ITEMS_MAX } from "../collector/event/catalog.ts";
import { RECOMMENDATION_KINDS } from "../collector/event/recommendation.ts";
import { MODEL_LIMITS, RANK_ITEMS_MAX } from "../collector/recommend/limits.ts";
import { type Click, SessionModel } from "../collector/recommend/session-model.ts";
import type { Page } from "../collector/store/page.ts";
import { usedMb } from "./recs/memory.ts";

const MB_MAX = 48;
const FROM_MS = 1_700_000_000_000;
const CLICK_GAP_MS = 500;

// Every kind of thing that the model keeps, as much of it as fits, and a few more clicks and sessions than it keeps.
const clicks = MODEL_LIMITS.clicks + 100_000;
const clicksOfSession = Math.floor(clicks / MODEL_LIMITS.sessions);
/** Without names and links there is room for all of them; this is what of them fits for each item. */
const factUnits = Math.floor(MODEL_LIMITS.factUnits / MODEL_LIMITS.items);

const { values: options } = parseArgs({ options: { loads: { type: "string", default: "5" } } });
let model: SessionModel | undefined = fill();
const nowMs = FROM_MS + clicks * CLICK_GAP_MS;
const query = { recent: [itemId(7), itemId(11)], limit: 20, nowMs };
askAll(model);
const { counts } = model;

const takenMs = performance.now();
const pages = model.takeDirtyPages();
const pageMb = pages.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0) / 1e6;
console.log(`${pages.length} pages, ${pageMb.toFixed(1)} MB, taken in ${since(takenMs)} ms`);
const withModelMb = usedMb();
model = undefined;
// What it leaves behind is less: before it was made, the sources of modules that ran once were still in memory.
const mb = withModelMb - usedMb();
console.log(`${mb.toFixed(1)} MB of ${MB_MAX}: ${JSON.stringify(counts)}`);
const loads = Array.from({ length: Number(options.loads) }, () => measureLoad(pages));
if (new Set(loads).size > 1) throw new Error("two models of the same pages answer differently");
if (counts.factsRefused > 0 || counts.itemsEvicted > 0)
  throw new Error("more was put in than there is room for");
if (mb > MB_MAX) process.exitCode = 1;

function measureLoad(pages: readonly Page[]): string {
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const loaded = SessionModel.load(pages);
  const { user, system } = process.cpuUsage(cpuBefore);
  const loadedMs = since(startedMs);
  const again = loaded.recommend(query);
  const cpuMs = ((user + system) / 1000).toFixed(0);
  console.log(`loaded in ${loadedMs} ms (${cpuMs} ms of CPU), first list after ${since(startedMs)} ms`);
  return JSON.stringify(again);
}

/** Lists of every kind, since some have room of their own from their first list on. */
function askAll(model: SessionModel): void {
  const page = { itemId: itemId(13), category: "category 7", region: "region 3" };
  for (const kind of RECOMMENDATION_KINDS) model.recommend({ ...query, ...page, kind });
  model.rank({ ...query, itemIds: Array.from({ length: RANK_ITEMS_MAX }, (_, n) => itemId(n)) });
}

function fill(): SessionModel {
  // The ranker has its room either way; learning would take minutes.
  const model = new SessionModel({}, false);
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < clicks; i++) {
    const n = i < MODEL_LIMITS.items ? i : random(MODEL_LIMITS.items);
    const session = `session-${Math.floor(i / clicksOfSession)}`;
    const click: Click = {
      session,
      itemId: itemId(n),
      kind: "view",
      occurredAtMs: FROM_MS + i * CLICK_GAP_MS,
      region: `region ${random(4 * MODEL_LIMITS.regions)}`,
    };
    if (i < MODEL_LIMITS.items) click.item = facts(n);
    else if (i % 8 === 0) click.item = { availability: "out_of_stock" };
    model.learn(click);
    if (i % clicksOfSession === 0)
      model.search({
        session,
        term: `term ${random(4 * MODEL_LIMITS.searchTerms)}`,
        occurredAtMs: click.occurredAtMs,
      });
  }
  model.shop.hear(barred(), undefined, { epoch: "epoch", version: 1 });
  return model;
}

/** Of items that the shop hides a hash each is kept. */
function barred() {
  return Array.from({ length: CATALOG_ITEMS_MAX }, (_, n) => ({ id: `hidden-${n}`, hidden: true }));
}

function itemId(n: number): string {
  return `product-${String(n).padStart(12, "0")}`;
}

function facts(n: number): NonNullable<Click["item"]> {
  const url = `/products/${n}`;
  return {
    name: `Product ${n} `.padEnd(factUnits - url.length - 2, "of a name "),
    url,
    category: `category ${n % 2000}`,
    brand: `brand ${n % 3000}`,
    tags: [`tag ${n % 500}`, `tag ${n % 700}`],
    priceMinor: 1000 + n,
    currency: "EUR",
    availability: "in_stock",
  };
}

function since(startedMs: number): string {
  return (performance.now() - startedMs).toFixed(0);
}

/**
 * `npm run bench:sdk [-- ROUNDS [ASSETS]]` (7 rounds, about 7 minutes): what the tag costs a page, beside a page without any and two peers from npm, in a
 * real Chromium with its CPU throttled four times. Contenders take turns within each round, so that what the machine
 * does besides falls on all; figures are medians over the rounds, and the difference to the page without SDK is taken
 * round by round. Percentiles of calls are those of all rounds together. CPU is time of the page's main thread on a
 * processor, of a load that is not traced. The page view counts as a request of the visit. With the folder `dist/assets`
 * of another build that one takes turns as well.
 */
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { build } from "../scripts/build/build.ts";
import { type Contender, contenders } from "./sdk/contenders.ts";
import { Shop } from "./sdk/shop.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const THROTTLE = 4;
/** After this a page has done what it does at load. */
const SETTLE_MS = 3_500;
/** After this the script has run and was started. */
const STARTED_MS = 500;
/** Calls of the track loop: so many at a time, so often. */
const CALLS_AT_ONCE = 20;
const CALL_GROUPS = 30;
const PAUSE_MS = 20;
/** The visit whose wire is counted. */
const VISIT_EVENTS = 200;
const VISIT_EVERY_MS = 60;

interface Load {
  /** Compiling and running the tracker's script, and its start where that is a call of the page; of a load of its own. */
  initMs: number;
  cpuMs: number;
  scriptMs: number;
  longMs: number;
}
interface Loop {
  /** Of each call. */
  callsMs: number[];
  longMs: number;
  cpuMs: number;
}

const rounds = Number(process.argv[2] ?? 7);
await build(() => undefined);
const assets = new URL("../dist/assets/", import.meta.url);
const before = process.argv[3] === undefined ? [] : [pathToFileURL(`${process.argv[3]}/`)];
const all = await contenders([assets, ...before]);
const shop = new Shop();
const url = await shop.open();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const loads = new Map<Contender, Load[]>(all.map((contender) => [contender, []]));
const loops = new Map<Contender, Loop[]>(all.map((contender) => [contender, []]));

for (let round = 0; round < rounds; round++) {
  for (const at of all.keys()) {
    const contender = all[(at + round) % all.length] as Contender;
    const { load, loop } = await measure(browser, contender);
    loads.get(contender)?.push(load);
    loops.get(contender)?.push(loop);
  }
}

console.log(
  `Chromium ${browser.version()}, CPU throttled ${THROTTLE}x, ${rounds} rounds; medians (of the differences to "no SDK", where +)`,
);
console.log(
  "| | script, brotli B | evaluate + init ms | script at load ms | CPU at load ms | + | long tasks at load ms | track() p50 us | p99 us | CPU of 600 calls ms | + | long tasks in it ms |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|---|");
const [bare] = all as [Contender];
for (const contender of all) {
  const load = loads.get(contender) ?? [];
  const loop = loops.get(contender) ?? [];
  const above = (
    of: (run: { cpuMs: number }) => number,
    mine: { cpuMs: number }[],
    theirs: { cpuMs: number }[],
  ) => median(mine.map((run, round) => of(run) - of(theirs[round] as { cpuMs: number })));
  const cpu = (run: { cpuMs: number }) => run.cpuMs;
  const calls = loop.flatMap((run) => run.callsMs);
  const row = [
    contender.name,
    contender.script === undefined ? "" : brotliBytes(contender.script),
    ms(median(load.map((run) => run.initMs))),
    ms(median(load.map((run) => run.scriptMs))),
    ms(median(load.map(cpu))),
    ms(above(cpu, load, loads.get(bare) ?? [])),
    ms(median(load.map((run) => run.longMs))),
    us(quantile(calls, 0.5) * 1000),
    us(quantile(calls, 0.99) * 1000),
    ms(median(loop.map(cpu))),
    ms(above(cpu, loop, loops.get(bare) ?? [])),
    ms(median(loop.map((run) => run.longMs))),
  ];
  console.log(`| ${row.join(" | ")} |`);
}

console.log(`\n${VISIT_EVENTS} events, one each ${VISIT_EVERY_MS} ms, not throttled`);
console.log("| | requests | preflights | body B/event |");
console.log("|---|---|---|---|");
for (const contender of all.slice(1)) {
  const { requests, preflights, bytes } = await visit(browser, contender);
  console.log(`| ${contender.name} | ${requests} | ${preflights} | ${(bytes / VISIT_EVENTS).toFixed(1)} |`);
}
await browser.close();
shop.close();

async function measure(browser: Browser, contender: Contender): Promise<{ load: Load; loop: Loop }> {
  shop.contender = contender;
  const initMs = await initOf(browser);
  const { page, session, close } = await open(browser);
  await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await page.goto(url);
  await page.waitForTimeout(SETTLE_MS);
  const atLoad = await metrics(session);
  const load: Load = { ...atLoad, initMs, longMs: await page.evaluate("longMs") };
  const callsMs = (await page.evaluate(`(async () => {
    longMs = 0;
    const times = [];
    for (let group = 0; group < ${CALL_GROUPS}; group++) {
      const each = Array.from({ length: ${CALLS_AT_ONCE} }, (_, n) => params(group * ${CALLS_AT_ONCE} + n));
      for (const said of each) {
        const startedMs = performance.now();
        say(said);
        times.push(performance.now() - startedMs);
      }
      await new Promise((done) => setTimeout(done, ${PAUSE_MS}));
    }
    await new Promise((done) => setTimeout(done, 2000));
    return times;
  })()`)) as number[];
  const after = await metrics(session);
  const loop: Loop = {
    callsMs,
    longMs: await page.evaluate("longMs"),
    cpuMs: after.cpuMs - atLoad.cpuMs,
  };
  await close();
  return { load, loop };
}

/** Tracing is work for the page as well, so this is a load of its own. */
async function initOf(browser: Browser): Promise<number> {
  const { page, session, close } = await open(browser);
  await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await page.goto(url);
  await page.waitForTimeout(STARTED_MS);
  const startMs = await page.evaluate<number>("startMs");
  const initMs = evaluateMs(await browser.stopTracing()) + startMs;
  await close();
  return initMs;
}

async function visit(browser: Browser, contender: Contender): Promise<Shop["wire"]> {
  shop.contender = contender;
  const { page, close } = await open(browser);
  shop.reset();
  await page.goto(url);
  await page.evaluate(`(async () => {
    for (let n = 0; n < ${VISIT_EVENTS}; n++) {
      say(params(n));
      await new Promise((done) => setTimeout(done, ${VISIT_EVERY_MS}));
    }
    await new Promise((done) => setTimeout(done, 3000));
  })()`);
  const wire = { ...shop.wire };
  await close();
  return wire;
}

async function open(browser: Browser): Promise<{ page: Page; session: CDPSession; close(): Promise<void> }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return { page, session, close: () => context.close() };
}

/** Of the tracker's own script, from a trace of Chromium; by the clock, since pages wait by it. */
function evaluateMs(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as {
    traceEvents: { name: string; dur?: number; args: { data?: { url?: string } } }[];
  };
  let sumUs = 0;
  for (const { name, dur = 0, args } of traceEvents)
    if (name === "EvaluateScript" && args.data?.url?.endsWith("/t.js")) sumUs += dur;
  return sumUs / 1000;
}

/** Time of the page's main thread since it was opened, s in the protocol. */
async function metrics(session: CDPSession): Promise<{ cpuMs: number; scriptMs: number }> {
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name: string) => (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1000;
  return { cpuMs: value("TaskDuration"), scriptMs: value("ScriptDuration") };
}

function median(values: number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function brotliBytes(text: string): number {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

function ms(value: number): string {
  return value.toFixed(1);
}

function us(value: number): string {
  return value < 5 ? "<5" : value.toFixed(0);
}

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BUCKET_FAULTS, type FaultPlan, MET, REACHED, SEAMS } from "../../worker/testing/faults.ts";
import { workerDir } from "../build/places.ts";
import { freePort, LOOPBACK } from "../host/free-port.ts";
import { type Host, startHost } from "../host/host.ts";
import type { FrontModule } from "../host/message.ts";
import { sendSignal } from "../host/process.ts";
import { describeTrouble } from "../host/trouble.ts";
import { keyHash } from "../keys/make-keys.ts";
import { seeded } from "../shopper/seeded.ts";
import { type Checked, check } from "./check.ts";
import { buildEarlier } from "./earlier-build.ts";
import { faultyWorker } from "./faulty-worker.ts";
import { type Expected, History } from "./history.ts";
import { isInvalid } from "./page-events.ts";
import { type Life, type PlanOptions, planLives } from "./plan.ts";
import { BATCH_EVENTS_MAX, RecordingPage } from "./recording-page.ts";
import { Recovery } from "./recovery.ts";
import { TCP_FAULTS, TcpProxy } from "./tcp-proxy.ts";

export interface CampaignOptions extends PlanOptions {
  seed: number;
  /** Events that the pages send in a second while nothing is broken. */
  rate: number;
  /** A commit whose build has the first half of the lives; the site is then the demo's, which every version has. */
  from?: string;
  /** Lives from one full comparison to the next; there is one at the end in any case. */
  checkEvery: number;
  /** Told what happens. */
  say(line: string): void;
}

export interface CampaignResult {
  kills: number;
  /** How often a life ended at each seam, and how often each fault was met. */
  met: ReadonlyMap<string, number>;
  /** Lives that did not come to their seam in time. */
  missed: number;
  copies: number;
  checks: number;
  /** The comparison at the end; absent when the system did not start any more. */
  last: Checked | undefined;
  acceptedBatches: number;
  firstReceiptMs: number[];
  firstReportMs: number[];
  tookMs: number;
  /** What is wrong, in words; empty when everything holds. */
  problems: string[];
  history: History;
}

const PAGES = 16;
interface Keys {
  writeKey: string;
  readKey: string;
  adminKey: string;
}

const DEMO_KEYS: Keys = { writeKey: "wk_demo", readKey: "rk_demo", adminKey: "sk_demo" };
const OWN_KEYS: Keys = {
  writeKey: "wk_crash_0123456789abcdef0123456789abcdef",
  readKey: "rk_crash_0123456789abcdef0123456789abcdef",
  adminKey: "sk_crash_0123456789abcdef0123456789abcdef",
};
/** Soon enough that a life of a second has flushes. */
const LAKE_AGE_MS = 200;
/** A system that has not recovered by then has not recovered. */
const RECOVERY_MAX_MS = 60_000;
const COMPLAINTS_SHOWN = 10;
const POLL_MS = 20;
const QUIET: Life = { killAfterMs: 0, mapVersions: 1, isEarlier: false, isCopied: false };
/** How often a flush is asked for while the bucket answers wrongly. */
const FLUSH_TRIES_MAX = 200;
const FLUSH_GAP_MS = 100;

/** Load, kills and faults over one data folder, compared with what the senders know. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "tidemark-crash-"));
  const random = seeded(options.seed);
  const port = await freePort();
  const earlier = options.from === undefined ? undefined : await buildEarlier(options.from);
  const builds: Builds = {
    current: { builtDir: workerDir, front: await faultyWorker(workerDir) },
    ...(earlier && { earlier: { builtDir: earlier.builtDir, front: await faultyWorker(earlier.builtDir) } }),
  };
  const proxy = await TcpProxy.listen(await freePort(), port, random);
  try {
    return await new Campaign(options, dataDir, port, builds, proxy, random).run();
  } finally {
    await proxy[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
    if (earlier) rmSync(earlier.dir, { recursive: true, force: true });
  }
}

interface Build {
  builtDir: string;
  front: FrontModule[];
}

interface Builds {
  current: Build;
  earlier?: Build;
}

class Campaign {
  readonly #options: CampaignOptions;
  readonly #dataDir: string;
  readonly #port: number;
  readonly #builds: Builds;
  readonly #keys: Keys;
  readonly #proxy: TcpProxy;
  readonly #random: () => number;
  readonly #history = new History(isInvalid);
  readonly #pages: RecordingPage[];
  readonly #met = new Map<string, number>([...SEAMS, ...BUCKET_FAULTS].map((name) => [name, 0]));
  readonly #problems: string[] = [];
  readonly #complaints: string[] = [];
  readonly #recoveries: Recovery[] = [];
  #recovery: Recovery | undefined;
  #onReached: () => void = () => {};
  #life = QUIET;
  /** A map is only ever appended to, whatever life comes next. */
  #mapVersions = 1;
  #checks = 0;
  #copies = 0;
  #missed = 0;
  #kills = 0;

  constructor(
    options: CampaignOptions,
    dataDir: string,
    port: number,
    builds: Builds,
    proxy: TcpProxy,
    random: () => number,
  ) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#port = port;
    this.#builds = builds;
    this.#keys = options.from === undefined ? OWN_KEYS : DEMO_KEYS;
    this.#proxy = proxy;
    this.#random = random;
    this.#pages = Array.from({ length: PAGES }, () => this.#page());
  }

  async run(): Promise<CampaignResult> {
    const beganMs = performance.now();
    const { checkEvery, say } = this.#options;
    const lives = planLives(this.#options, this.#random);
    const sending = Promise.all(this.#pages.map((page) => page.run()));
    let last: Checked | undefined;
    try {
      for (const [at, life] of lives.entries()) {
        await this.#live(life);
        say(`kill ${at + 1} of ${lives.length}, ${life.seam?.name ?? "at a random moment"}`);
        if ((at + 1) % checkEvery === 0 && at + 1 < lives.length) await this.#pauseAndCheck();
        if (this.#problems.length + this.#history.violations.length > 0) break;
      }
      last = await this.#endAndCheck(sending);
    } catch (error) {
      this.#problems.push(describeTrouble(error));
      for (const page of this.#pages) page.end();
    }
    for (const fault of TCP_FAULTS) this.#met.set(fault, this.#proxy.met.get(fault) ?? 0);
    const problems = [...this.#problems, ...this.#history.violations];
    if (problems.length > 0) problems.push(...this.#complaints.slice(-COMPLAINTS_SHOWN));
    return {
      kills: this.#kills,
      met: this.#met,
      missed: this.#missed,
      copies: this.#copies,
      checks: this.#checks,
      last,
      acceptedBatches: this.#history.acceptedBatches,
      firstReceiptMs: this.#recoveries.flatMap(({ firstReceiptMs = [] }) => firstReceiptMs),
      firstReportMs: this.#recoveries.flatMap(({ firstReportMs = [] }) => firstReportMs),
      tookMs: performance.now() - beganMs,
      problems,
      history: this.#history,
    };
  }

  #page(): RecordingPage {
    return new RecordingPage({
      writeKey: this.#keys.writeKey,
      history: this.#history,
      random: this.#random,
      port: () => (this.#life.tcp ? this.#proxy.port : this.#port),
      gapMs: (1000 * PAGES * (BATCH_EVENTS_MAX / 2)) / this.#options.rate,
      onReceipt: (sentMs) => this.#recovery?.noteReceipt(sentMs),
    });
  }

  /** One life of the system: its start, its recovery from the kill before, and the kill that ends it. */
  async #live(life: Life): Promise<void> {
    this.#life = life;
    this.#mapVersions = life.mapVersions;
    this.#proxy.share = life.tcp?.share ?? 0;
    this.#proxy.wanted.push(...(life.tcp?.first ?? []));
    const reached = Promise.withResolvers<true>();
    const starting = new AbortController();
    // What a crash left to do is done at the start, so a seam may be reached while there is no host yet to kill.
    this.#onReached = () => starting.abort();
    const recovered = this.#recovered();
    let host: Host | undefined;
    let isAtSeam = true;
    try {
      host = await this.#start(this.#port, this.#dataDir, life, starting.signal);
      this.#onReached = () => reached.resolve(true);
      if (starting.signal.aborted) reached.resolve(true);
      isAtSeam = await this.#timeToDie(life, reached.promise, recovered);
    } catch (error) {
      if (!starting.signal.aborted) throw error;
    }
    this.#recovery?.end();
    const copy = host && life.isCopied ? this.#copy(host) : undefined;
    // A bad network or a copy has its own delays; what is measured is the system's.
    this.#recovery = copy ? undefined : new Recovery();
    await host?.kill();
    this.#kills++;
    if (life.seam && isAtSeam) this.#met.set(life.seam.name, (this.#met.get(life.seam.name) ?? 0) + 1);
    if (life.seam && !isAtSeam) this.#missed++;
    if (copy) await this.#checkCopy(copy);
  }

  /** Whether it was the seam that came. */
  async #timeToDie(life: Life, reached: Promise<true>, recovered: Promise<void>): Promise<boolean> {
    if (life.seam?.name.startsWith("rebuild ")) void this.#admin("/v1/rebuild");
    if (life.seam) return (await Promise.race([reached, sleep(life.killAfterMs)])) === true;
    await Promise.race([recovered, tooLong()]);
    await sleep(life.killAfterMs);
    if (life.bucket) await this.#healed(life);
    while (this.#proxy.wanted.length > 0) await sleep(POLL_MS);
    return false;
  }

  /** However wrongly the bucket answers, a flush that is asked for again and again gets there. */
  async #healed(life: Life): Promise<void> {
    await this.#admin("/v1/rebuild");
    for (let tries = 0; tries < FLUSH_TRIES_MAX; tries++) {
      const isFlushed = await this.#admin("/v1/lake/flush");
      if (isFlushed && (life.bucket?.first ?? []).every((fault) => this.#met.get(fault))) return;
      await sleep(FLUSH_GAP_MS);
    }
    this.#problems.push(`the lake is not flushed in ${FLUSH_TRIES_MAX} tries`);
  }

  /** Whether it was done; a system that is about to be killed may not answer. */
  async #admin(path: string): Promise<boolean> {
    try {
      const headers = { authorization: `Bearer ${this.#keys.adminKey}` };
      return (await fetch(`http://${LOOPBACK}:${this.#port}${path}`, { method: "POST", headers })).ok;
    } catch {
      return false;
    }
  }

  /** Resolves when the system has recovered from the last kill, as its senders and readers see it. */
  async #recovered(): Promise<void> {
    const recovery = this.#recovery;
    if (!recovery) return;
    // Delays of a bad network are not the system's.
    if (!this.#life.tcp) this.#recoveries.push(recovery);
    await recovery.watch(
      `http://${LOOPBACK}:${this.#port}`,
      this.#keys.readKey,
      this.#history.valid.acknowledged,
    );
  }

  /** A start without faults, and the comparison while nothing is sent. */
  async #pauseAndCheck(): Promise<void> {
    const host = await this.#startQuiet();
    const goOn = await Promise.all(this.#pages.map((page) => page.pause()));
    await this.#check(host.url, this.#history.snapshot());
    await host.stop();
    for (const page of goOn) page();
  }

  async #endAndCheck(sending: Promise<unknown>): Promise<Checked> {
    const host = await this.#startQuiet();
    for (const page of this.#pages) page.end();
    await sending;
    const last = await this.#check(host.url, this.#history.snapshot());
    await host.stop();
    return last;
  }

  async #startQuiet(): Promise<Host> {
    this.#life = QUIET;
    this.#proxy.share = 0;
    const recovered = this.#recovered();
    const host = await this.#start(this.#port, this.#dataDir, QUIET);
    await Promise.race([recovered, tooLong()]);
    this.#recovery = undefined;
    return host;
  }

  async #check(origin: string, expected: Expected): Promise<Checked> {
    const repeated = (this.#proxy.met.get("request repeated later") ?? 0) * BATCH_EVENTS_MAX;
    const checked = await check(origin, this.#keys, expected, repeated);
    this.#checks++;
    this.#problems.push(...checked.problems);
    return checked;
  }

  /** The folder as it is in one instant: nothing runs while it is copied, and nothing is asked to finish. */
  #copy(host: Host): { dir: string; expected: Expected } {
    sendSignal(-host.pid, "SIGSTOP");
    const dir = mkdtempSync(join(tmpdir(), "tidemark-copy-"));
    cpSync(this.#dataDir, dir, { recursive: true });
    return { dir, expected: this.#history.snapshot() };
  }

  /** Every receipt that was seen before the copy was made is in the copy. */
  async #checkCopy({ dir, expected }: { dir: string; expected: Expected }): Promise<void> {
    const host = await this.#start(await freePort(), dir, QUIET);
    await this.#check(host.url, expected);
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
    this.#copies++;
  }

  #start(port: number, dataDir: string, life: Life, signal?: AbortSignal): Promise<Host> {
    const plan: FaultPlan = {
      seed: Math.floor(this.#random() * 2 ** 32),
      ...(life.bucket ? { bucketShare: life.bucket.share, bucketFirst: life.bucket.first } : {}),
      ...(life.seam ? { seam: life.seam } : {}),
    };
    const { current, earlier } = this.#builds;
    const build = (life.isEarlier && earlier) || current;
    return startHost({
      port,
      dataDir,
      ...build,
      vars: {
        ...this.#siteVars(),
        TIDEMARK_LAKE_AGE_MS: String(LAKE_AGE_MS),
        TIDEMARK_FAULTS: JSON.stringify(plan),
      },
      log: (_, text) => this.#hear(text),
      ...(signal ? { signal } : {}),
    });
  }

  #siteVars(): Record<string, string> {
    const versions = this.#options.shards.slice(0, this.#mapVersions);
    if (this.#builds.earlier) return { TIDEMARK_DEMO: "1", TIDEMARK_DEMO_SHARDS: versions.join() };
    return { TIDEMARK_DEMO: "0", TIDEMARK_SITES: JSON.stringify([siteOf(versions, this.#keys)]) };
  }

  /** What the runtime logs: its faults, and complaints that help to find a cause. */
  #hear(text: string): void {
    if (text.startsWith(REACHED)) this.#onReached();
    else if (text.startsWith(MET)) {
      const fault = text.slice(MET.length);
      this.#met.set(fault, (this.#met.get(fault) ?? 0) + 1);
    } else this.#complaints.push(text);
  }
}

/** The site that is under load, as an entry of TIDEMARK_SITES. */
function siteOf(versions: readonly number[], { writeKey, readKey, adminKey }: Keys): object {
  const keys = [
    { kid: "pages", role: "write", key: writeKey },
    { kid: "reports", role: "read", sha256: keyHash(readKey) },
    { kid: "admin", role: "admin", sha256: keyHash(adminKey) },
  ];
  return { id: "crash", shards: versions.map((shards) => ({ shards })), keys };
}

async function tooLong(): Promise<never> {
  await sleep(RECOVERY_MAX_MS, undefined, { ref: false });
  throw new Error(`${RECOVERY_MAX_MS / 1000} s after a start the system has not recovered`);
}

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf, isAlive, sendSignal, waitForExit } from "./process.ts";
import { Trouble } from "./trouble.ts";

/** Who uses a data folder: two runtimes on the same databases would damage them. */
export interface Lease {
  hostPid: number;
  /** The workerd process, a child of the host, as soon as it runs. */
  runtimePid?: number;
  url: string;
}

const LEASE_FILE = "running.json";
const ORPHAN_END_MS = 5_000;

/**
 * Takes the data folder for this process, or throws Trouble when another host has it.
 * A runtime whose host was killed is of no use to anyone any more: it is ended, and `say` tells so.
 */
export async function takeLease(dataDir: string, url: string, say: (line: string) => void): Promise<void> {
  const earlier = readLease(dataDir);
  if (earlier !== undefined) await endEarlier(earlier, dataDir, say);
  releaseLease(dataDir);
  const lease: Lease = { hostPid: process.pid, url };
  writeFileSync(join(dataDir, LEASE_FILE), JSON.stringify(lease), { flag: "wx" });
}

/** Notes the runtime, so that a later start can find it should this process be killed. */
export function noteRuntime(dataDir: string, url: string, runtimePid: number): void {
  const path = join(dataDir, LEASE_FILE);
  const lease: Lease = { hostPid: process.pid, runtimePid, url };
  // A rename is atomic: whoever reads sees a whole lease or none.
  writeFileSync(`${path}.new`, JSON.stringify(lease));
  renameSync(`${path}.new`, path);
}

export function releaseLease(dataDir: string): void {
  rmSync(join(dataDir, LEASE_FILE), { force: true });
}

async function endEarlier(earlier: Lease, dataDir: string, say: (line: string) => void): Promise<void> {
  const { hostPid, runtimePid, url } = earlier;
  if (isHost(hostPid)) {
    throw new Trouble(
      `Tidemark already runs with the data folder ${dataDir}: ${url} (pid ${hostPid}).`,
      `End it with Ctrl-C in its window, or:      kill ${hostPid}`,
      "Or start a second one with its own data:   PORT=8788 TIDEMARK_DATA=.tidemark-2 npm start",
    );
  }
  if (runtimePid === undefined || !isRuntime(runtimePid)) return;
  say(`ending workerd (pid ${runtimePid}), which an earlier run left behind when it was killed`);
  sendSignal(runtimePid, "SIGKILL");
  if (await waitForExit(runtimePid, ORPHAN_END_MS)) return;
  throw new Trouble(
    `workerd (pid ${runtimePid}) of an earlier run still holds the data folder ${dataDir} and does not end.`,
    `Try: sudo kill -9 ${runtimePid}`,
  );
}

/** A lease that cannot be read was cut off by a crash of the machine, so its processes are gone too. */
function readLease(dataDir: string): Lease | undefined {
  let text: string;
  try {
    text = readFileSync(join(dataDir, LEASE_FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { hostPid, runtimePid, url }: Record<keyof Lease, unknown> = JSON.parse(text);
    if (!isPid(hostPid) || typeof url !== "string") return undefined;
    return { hostPid, url, ...(isPid(runtimePid) ? { runtimePid } : {}) };
  } catch {
    return undefined;
  }
}

const isPid = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 1;
const isHost = (pid: number): boolean => isAlive(pid) && commandOf(pid).includes("host/serve.ts");
const isRuntime = (pid: number): boolean => isAlive(pid) && commandOf(pid).includes("workerd");

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { workerDir } from "../build/places.ts";
import { LOOPBACK } from "./free-port.ts";
import type { FrontModule, HostMessage, LogLevel, ServeRequest } from "./message.ts";
import { commandOf, sendSignal, waitForExit } from "./process.ts";
import { Trouble } from "./trouble.ts";

export interface HostOptions {
  port: number;
  /** Where objects, bucket and secret live; created when missing. */
  dataDir: string;
  /** Further bindings of the worker, or other values for the ones that a local host has. */
  vars?: Record<string, string>;
  /** Modules in front of the built worker, which is "./index.js" for them (default: none). */
  front?: FrontModule[];
  /** Where the built worker is (default: where `npm run build` puts it). */
  builtDir?: string;
  /** Aborting ends it in good order, also while it starts. */
  signal?: AbortSignal;
  /** Takes what the worker logs (default: nobody). */
  log?: (level: LogLevel, text: string) => void;
}

/** The system, running on this machine. */
export interface Host {
  readonly url: string;
  /** The host process. It leads a process group with workerd in it: `process.kill(-pid, "SIGKILL")`. */
  readonly pid: number;
  readonly runtimePid: number;
  /** Resolves when it has ended: undefined after `stop` and `kill`, else why. */
  readonly ended: Promise<Trouble | undefined>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** As a power failure does: kill -9 of the host and of workerd. */
  kill(): Promise<void>;
}

/** What a local installation has and a deploy has not: the demo site, and a lake that can be watched. */
const LOCAL_VARS = { TIDEMARK_DEMO: "1", TIDEMARK_LAKE_AGE_MS: "10000" };
/** How long a host may take to follow SIGTERM; then it is killed. */
const STOP_MS = 5_000;
const READY_MS = 60_000;
const READY_POLL_MS = 50;

/** Starts the built worker; throws Trouble when the port, the data folder or the worker is not fit for it. */
export async function startHost({
  port,
  dataDir,
  vars = {},
  front = [],
  builtDir = workerDir,
  signal,
  log = () => {},
}: HostOptions): Promise<Host> {
  const url = `http://${LOOPBACK}:${port}`;
  // A group of its own: Ctrl-C reaches the parent only, which then ends the host in good order.
  const child = fork(fileURLToPath(new URL("serve.ts", import.meta.url)), {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "spawn");
  const pid = child.pid as number;
  let runtimePid = 0;
  let reason: Trouble | undefined;
  let isEnding = false;

  const ready = Promise.withResolvers<void>();
  child.on("message", (message: HostMessage) => {
    if (message.type === "log") log(message.level, message.text);
    else if (message.type === "runtime") runtimePid = message.pid;
    else if (message.type === "ready") ready.resolve();
    else reason = new Trouble(message.message, ...message.advice);
  });
  const ended = once(child, "exit").then(async ([code, signal]) => {
    // Only a killed host leaves its runtime behind.
    await endRuntime(runtimePid);
    if (isEnding) return undefined;
    return (
      reason ??
      new Trouble(`The host process ended (${signal ?? `exit code ${code}`}).`, "Start again: npm start")
    );
  });
  const request: ServeRequest = { port, dataDir, vars: { ...LOCAL_VARS, ...vars }, front, builtDir };
  child.send(request);

  const kill = async (): Promise<void> => {
    isEnding = true;
    sendSignal(-pid, "SIGKILL");
    await ended;
  };
  const stop = async (): Promise<void> => {
    isEnding = true;
    sendSignal(pid, "SIGTERM");
    const timer = setTimeout(() => sendSignal(-pid, "SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  signal?.addEventListener("abort", () => void stop(), { once: true });
  if (signal?.aborted) void stop();
  const host: Host = {
    url,
    pid,
    get runtimePid() {
      return runtimePid;
    },
    ended,
    stop,
    kill,
  };
  const failed = ended.then((why) => Promise.reject(why ?? new Trouble("Ended while starting.")));
  // After the start a failure is told by `ended`; this promise has then no reader.
  failed.catch(() => {});
  const silent = setTimeout(
    () => ready.reject(new Trouble(`The host process has said nothing for ${READY_MS / 1000} s.`)),
    READY_MS,
  );
  try {
    await Promise.race([ready.promise.then(() => waitUntilReady(url)), failed]);
  } catch (error) {
    await kill();
    throw error;
  } finally {
    clearTimeout(silent);
  }
  return host;
}

async function endRuntime(pid: number): Promise<void> {
  if (pid === 0 || !commandOf(pid).includes("workerd")) return;
  sendSignal(pid, "SIGKILL");
  await waitForExit(pid, STOP_MS);
}

/** The worker answers when it can commit: objects are found, their databases open. */
async function waitUntilReady(url: string): Promise<void> {
  let answer = "nothing";
  for (const untilMs = performance.now() + READY_MS; performance.now() < untilMs; ) {
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READY_MS) });
      if (response.ok) return;
      answer = `${response.status} ${(await response.text()).slice(0, 500)}`;
      // Other sites are well, and this one's senders are told; the log has named the shard.
      if (answer.includes("/problems/storage_damaged")) return;
    } catch (error) {
      answer = String((error as Error).cause ?? error);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  throw new Trouble(
    `The worker does not become ready: ${url}/readyz answers ${answer}.`,
    "If the message speaks of storage, the data folder is damaged; move it away and start again.",
  );
}

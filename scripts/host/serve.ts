/**
 * The host process: runs the built worker on workerd until its parent ends, however the parent ends.
 * Started by host.ts, which talks to it over Node's IPC channel (message.ts).
 */
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Miniflare } from "miniflare";
import { openDataFolder } from "./data-folder.ts";
import { checkDatabases } from "./database-check.ts";
import { scrubErased } from "./erased-text.ts";
import { LOOPBACK, requireFreePort } from "./free-port.ts";
import { noteRuntime, releaseLease, takeLease } from "./lease.ts";
import type { HostMessage, ServeRequest } from "./message.ts";
import { runtimeOptions } from "./runtime-options.ts";
import { describeTrouble, Trouble } from "./trouble.ts";
import { requireWholeState } from "./whole-state.ts";

let miniflare: Miniflare | undefined;
/** Set while this process holds the data folder. */
let leasedDir: string | undefined;
let isEnding = false;

process.once("message", (request: ServeRequest) => {
  serve(request).catch(giveUp);
});
// The channel closes when the parent ends, also by kill -9: then nobody could end us any more.
process.once("disconnect", () => void end(0));
process.once("SIGTERM", () => void end(0));
process.once("SIGINT", () => void end(0));
// Miniflare exits by itself on a signal, perhaps before `end` is through.
process.once("exit", () => {
  if (leasedDir !== undefined) releaseLease(leasedDir);
});

async function serve({ port, dataDir: givenDir, vars, front, builtDir }: ServeRequest): Promise<void> {
  const dataDir = resolve(givenDir);
  const url = `http://${LOOPBACK}:${port}`;
  const folder = openDataFolder(dataDir);
  await takeLease(dataDir, url, (text) => tell({ type: "log", level: "warn", text }));
  leasedDir = dataDir;
  await requireFreePort(port);
  keepTemporaryFilesIn(join(dataDir, "tmp"));
  requireWholeState(folder.stateDir);
  checkDatabases(folder.stateDir);
  scrubErased(folder.stateDir);
  watchRuntime((pid) => noteRuntime(dataDir, url, pid));

  miniflare = new Miniflare(
    runtimeOptions({
      port,
      stateDir: folder.stateDir,
      front,
      builtDir,
      vars: { TIDEMARK_SECRET: folder.secret, ...vars },
      onLog: ({ level, message }) => tell({ type: "log", level: toLevel(level), text: message }),
    }),
  );
  await miniflare.ready;
  tell({ type: "ready" });
}

/** Miniflare puts its scratch files where the system says; a killed run would leave them there for ever. */
function keepTemporaryFilesIn(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  process.env.TMPDIR = dir;
}

/**
 * Finds the workerd that Miniflare starts, and ends with it: Miniflare would start another one in its place,
 * but whoever killed it expects the port to be free, and a crash should be seen.
 */
function watchRuntime(onStart: (pid: number) => void): void {
  subscribe("child_process", (created) => {
    const { process: child } = created as { process: ChildProcess };
    child.once("spawn", () => {
      if (!child.spawnfile.includes("workerd") || child.pid === undefined) return;
      onStart(child.pid);
      tell({ type: "runtime", pid: child.pid });
      child.once("exit", (code, signal) => {
        if (isEnding) return;
        giveUp(
          new Trouble(
            `workerd ended unexpectedly (${signal ?? `exit code ${code}`}).`,
            "What was acknowledged is on disk. Start again: npm start",
          ),
        );
      });
    });
  });
}

function giveUp(error: unknown): void {
  const { message, advice } = error instanceof Trouble ? error : new Trouble(describeTrouble(error));
  tell({ type: "trouble", message, advice }, () => void end(1));
}

async function end(exitCode: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await miniflare?.dispose();
  process.exit(exitCode);
}

function tell(message: HostMessage, onSent?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => onSent?.());
  else onSent?.();
}

function toLevel(level: string): "info" | "warn" | "error" {
  return level === "error" || level === "warn" ? level : "info";
}

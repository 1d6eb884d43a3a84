import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rootDir } from "../../scripts/build/places.ts";
import { freePort, LOOPBACK } from "../../scripts/host/free-port.ts";
import { sendSignal, waitForExit } from "../../scripts/host/process.ts";

/** These starts fail before they listen. */
const UNUSED_PORT = 8809;

/** `npm start` itself, as a user meets it, without the installing. */
class Start {
  readonly pid: number;
  readonly exited: Promise<number | null>;
  output = "";

  constructor(port: number | string, dataDir: string, ...options: string[]) {
    const child = spawn(process.execPath, ["scripts/start.ts", ...options], {
      cwd: rootDir,
      env: { ...process.env, PORT: String(port), TIDEMARK_DATA: dataDir },
    });
    this.pid = child.pid as number;
    started.push(this.pid);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
    this.exited = once(child, "close").then(([code]) => code);
  }

  /** Resolves when the output has the text; throws when the process ends before. */
  async shows(text: string): Promise<void> {
    let hasExited = false;
    void this.exited.then(() => {
      hasExited = true;
    });
    while (!this.output.includes(text)) {
      if (hasExited) throw new Error(`ended without showing "${text}":\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

let started: number[];
let dataDir: string;
beforeEach(() => {
  started = [];
  dataDir = mkdtempSync(join(tmpdir(), "tidemark-start-"));
});
afterEach(async () => {
  for (const pid of started) {
    sendSignal(pid, "SIGTERM");
    expect(await waitForExit(pid, 10_000)).toBe(true);
  }
  rmSync(dataDir, { recursive: true, force: true });
});

const lease = (): { hostPid: number; runtimePid: number } =>
  JSON.parse(readFileSync(join(dataDir, "running.json"), "utf8"));

test("it shows where everything is, serves it, and ends on Ctrl-C with nothing left running", async () => {
  const port = await freePort();
  const start = new Start(port, dataDir, "--quiet");
  await start.shows("Ctrl-C");
  for (const path of [
    "/",
    "/demo/",
    "/playground/",
    "/openapi.json",
    "/t.js",
    "/favicon.ico",
    "/demo/icon.svg",
  ]) {
    const url = `http://${LOOPBACK}:${port}${path}`;
    if (path.endsWith("/") || path === "/openapi.json") expect(start.output).toContain(url);
    expect((await fetch(url)).status, url).toBe(200);
  }
  // What is named by its content stays for ever, and pages of other origins may check it.
  const builds = await fetch(`http://${LOOPBACK}:${port}/t/builds.json`);
  const [build] = (await builds.json()) as { integrity: Record<string, string> }[];
  for (const path of Object.keys(build?.integrity ?? {})) {
    const { headers } = await fetch(`http://${LOOPBACK}:${port}/${path}`);
    expect(headers.get("cache-control"), path).toContain("immutable");
    expect(headers.get("access-control-allow-origin"), path).toBe("*");
  }
  const { hostPid, runtimePid } = lease();
  sendSignal(start.pid, "SIGINT");
  expect(await start.exited).toBe(0);
  for (const pid of [hostPid, runtimePid]) expect(await waitForExit(pid, 2000)).toBe(true);
});

test("a host that follows no signal is killed, also while it starts", async () => {
  const start = new Start(await freePort(), dataDir, "--quiet");
  const path = join(dataDir, "running.json");
  // Made and then written: for a moment it is there and empty.
  while (!existsSync(path) || readFileSync(path, "utf8") === "")
    await new Promise((resolve) => setTimeout(resolve, 5));
  const { hostPid } = lease();
  sendSignal(hostPid, "SIGSTOP");
  sendSignal(start.pid, "SIGTERM");
  await start.exited;
  expect(await waitForExit(hostPid, 1000)).toBe(true);
});

test("when the parent is killed, workerd ends", async () => {
  const start = new Start(await freePort(), dataDir, "--quiet");
  await start.shows("Ctrl-C");
  const { hostPid, runtimePid } = lease();
  sendSignal(start.pid, "SIGKILL");
  for (const pid of [hostPid, runtimePid]) expect(await waitForExit(pid, 5000)).toBe(true);
});

test("a workerd whose whole family was killed is ended by the next start, which names it", async () => {
  const port = await freePort();
  const first = new Start(port, dataDir, "--quiet");
  await first.shows("Ctrl-C");
  const { hostPid, runtimePid } = lease();
  // Stopped first, so that neither sees the other die and cleans up.
  sendSignal(first.pid, "SIGSTOP");
  sendSignal(hostPid, "SIGKILL");
  sendSignal(first.pid, "SIGKILL");
  const second = new Start(port, dataDir, "--quiet");
  await second.shows("Ctrl-C");
  expect(second.output).toContain(`ending workerd (pid ${runtimePid})`);
  expect(await waitForExit(runtimePid, 1000)).toBe(true);
});

test("a second start on the same data is refused and says which process has it", async () => {
  const first = new Start(await freePort(), dataDir, "--quiet");
  await first.shows("Ctrl-C");
  const second = new Start(await freePort(), dataDir, "--quiet");
  expect(await second.exited).toBe(1);
  expect(second.output).toContain(`already runs with the data folder ${dataDir}`);
  expect(second.output).toContain(`kill ${lease().hostPid}`);
});

test("a used port is refused, with another one to take", async () => {
  const port = await freePort();
  const squatter = createServer().listen(port, LOOPBACK);
  await once(squatter, "listening");
  const start = new Start(port, dataDir, "--quiet");
  expect(await start.exited).toBe(1);
  squatter.close();
  expect(start.output).toContain(`Port ${port} is already used`);
  expect(start.output).toContain(`PORT=${port + 1} npm start`);
});

test.each([
  ["PORT", (): Start => new Start("eighty", dataDir), "not a port number"],
  ["an unknown option", (): Start => new Start(1, dataDir, "--loud"), "Unknown option '--loud'"],
  [
    "a file in place of the data folder",
    (): Start => {
      writeFileSync(join(dataDir, "file"), "");
      return new Start(UNUSED_PORT, join(dataDir, "file"));
    },
    "TIDEMARK_DATA=",
  ],
  [
    "a damaged database",
    (): Start => {
      mkdirSync(join(dataDir, "state/do"), { recursive: true });
      writeFileSync(join(dataDir, "state/do/bad.sqlite"), "not a database");
      return new Start(UNUSED_PORT, dataDir);
    },
    "bad.sqlite: it is not a SQLite database",
  ],
  [
    "a data folder that cannot be made",
    (): Start => new Start(UNUSED_PORT, "/dev/null/nope"),
    "cannot be used",
  ],
])("%s ends with exit code 1 and a message without a stack", async (_, begin, text) => {
  const start = begin();
  expect(await start.exited).toBe(1);
  expect(start.output).toContain(text);
  expect(start.output).not.toMatch(/\n\s+at .*\.ts:\d+/);
});

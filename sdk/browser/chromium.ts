import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const LAUNCH = {
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  // Playwright turns the back/forward cache off; visitors have it.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A renderer that waits for the next page would be killed with the others, and that page with it.
    "--disable-features=SpareRendererForSitePerProcess",
  ],
};

export function openBrowser(): Promise<Browser> {
  return chromium.launch(LAUNCH);
}

/** A browser with a disk of its own whose processes can be killed. */
export interface Profile {
  context: BrowserContext;
  /** What the system does when memory runs out; the pages get no chance to act. */
  killRenderers(): Promise<void>;
  /** The same for all of the browser; found before, so that it is killed within the call. */
  killer(): Promise<() => void>;
  /** Another browser on the same disk, once the first was killed. */
  reopen(): Promise<BrowserContext>;
  close(): Promise<void>;
}

export async function openProfile(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-profile-"));
  const open = (): Promise<BrowserContext> => chromium.launchPersistentContext(folder, LAUNCH);
  let context = await open();
  return {
    context,
    killRenderers: async () => kill(await processes(folder, "--type=renderer")),
    killer: async () => {
      const pids = await processes(folder);
      return () => kill(pids);
    },
    reopen: async () => {
      await context.close().catch(() => undefined);
      context = await open();
      return context;
    },
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function kill(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It went with its parent.
    }
}

async function processes(folder: string, option = ""): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (command.includes(option) && command.includes(folder)) pids.push(Number(entry));
  }
  return pids;
}

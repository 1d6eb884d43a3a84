import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

export const LAUNCH = {
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

/** A browser with a disk of its own whose renderers can be killed. */
export interface Profile {
  context: BrowserContext;
  /** What the system does when memory runs out; the pages get no chance to act. */
  killRenderers(): Promise<void>;
  close(): Promise<void>;
}

export async function openProfile(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-profile-"));
  const context = await chromium.launchPersistentContext(folder, LAUNCH);
  return {
    context,
    killRenderers: async () => {
      for (const pid of await renderers(folder)) process.kill(pid, "SIGKILL");
    },
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

async function renderers(folder: string): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (command.includes("--type=renderer") && command.includes(folder)) pids.push(Number(entry));
  }
  return pids;
}

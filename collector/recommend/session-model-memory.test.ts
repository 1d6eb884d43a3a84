import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const BUSY_MACHINE_MS = 120_000;

// A process of its own, so that nobody else's memory is counted; it ends with 1 above the bound.
test(
  "a model that is full in every respect stays within 48 MB",
  async () => {
    const script = fileURLToPath(new URL("../../bench/recs-memory.ts", import.meta.url));
    const run = promisify(execFile)(process.execPath, [script, "--loads", "1"]);
    const { stdout, code } = await run.then(
      (ended) => ({ ...ended, code: 0 }),
      (failed: { stdout: string; code: number }) => failed,
    );
    expect(stdout).toMatch(/^\d+\.\d MB of 48: /m);
    expect(code, stdout).toBe(0);
  },
  BUSY_MACHINE_MS,
);

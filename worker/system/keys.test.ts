import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { rootDir } from "../../scripts/build/places.ts";
import { System } from "./system.ts";

const runFile = promisify(execFile);

async function makeKeys(...args: string[]): Promise<{ config: string; shown: string }> {
  const { stdout, stderr } = await runFile(process.execPath, ["scripts/keys.ts", ...args], { cwd: rootDir });
  return { config: stdout, shown: stderr };
}

test("what `npm run keys` prints is what a deploy takes, and the keys that it shows open it", async () => {
  const { config, shown } = await makeKeys("--site", "shop", "--origin", "https://shop.example");
  const [writeKey = "", readKey = "", adminKey = ""] = ["wk", "rk", "sk"].map(
    (prefix) => new RegExp(`${prefix}_[\\w-]{43}`).exec(shown)?.[0],
  );
  expect(config).toContain(writeKey);
  for (const secret of [readKey, adminKey]) {
    expect(secret).toHaveLength(46);
    expect(config).not.toContain(secret);
  }
  await using system = await System.start({
    TIDEMARK_DEMO: "0",
    TIDEMARK_SITES: config,
    TIDEMARK_SECRET: "a secret of a test run",
  });
  const statusOf = async (path: string, key: string, init: RequestInit = {}): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${system.url}${path}`, { ...init, headers })).status;
  };
  const batch = {
    key: writeKey,
    session: "s",
    stream: "st",
    seq: 0,
    events: [{ name: "page_view", occurredAtMs: Date.now() }],
  };
  const body = JSON.stringify(batch);
  expect(await system.json(`/v1/batches`, { method: "POST", body })).toMatchObject({ accepted: 1 });
  expect(await statusOf("/v1/reports/overview", readKey)).toBe(200);
  expect(await statusOf("/v1/lake/flush", readKey, { method: "POST" })).toBe(403);
  expect(await statusOf("/v1/lake/flush", adminKey, { method: "POST" })).toBe(200);
  expect(await statusOf("/v1/reports/overview", "rk_demo")).toBe(401);
});

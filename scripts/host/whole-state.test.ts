import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requireWholeState } from "./whole-state.ts";

const SHARD = `do/tidemark-ShardObject/${"0f".repeat(32)}.sqlite`;
const BLOB = "r2/tidemark-lake/blobs/29a36fe6";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tidemark-state-"));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

function make(...files: string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(stateDir, file)), { recursive: true });
    writeFileSync(join(stateDir, file), "");
  }
}

test("an empty folder, a first start that was cut short, and a whole one pass", () => {
  requireWholeState(stateDir);
  make("do/tidemark-ShardObject/metadata.sqlite");
  requireWholeState(stateDir);
  make(SHARD, BLOB);
  requireWholeState(stateDir);
});

test("shards without their bucket are named", () => {
  make(SHARD);
  expect(() => requireWholeState(stateDir)).toThrow(`${join(stateDir, "r2")} with the lake's bucket is gone`);
});

test("a bucket without its shards is named", () => {
  make(BLOB);
  expect(() => requireWholeState(stateDir)).toThrow(`${join(stateDir, "do")} with the shards is gone`);
});

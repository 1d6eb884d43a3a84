import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import { walDamage } from "./wal-check.ts";

const HEADER_BYTES = 32;
const FRAME_BYTES = 24 + 4096;

/** As a killed program leaves it, with so many commits of one page or two. */
let wal: Buffer;
let frames: number;

beforeAll(() => {
  const dir = mkdtempSync(join(tmpdir(), "tidemark-wal-"));
  const database = new DatabaseSync(join(dir, "a.sqlite"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(n INTEGER, x BLOB)",
  );
  for (let n = 0; n < 10; n++) database.exec(`INSERT INTO t VALUES (${n}, randomblob(3000))`);
  wal = readFileSync(join(dir, "a.sqlite-wal"));
  database.close();
  rmSync(dir, { recursive: true });
  frames = (wal.length - HEADER_BYTES) / FRAME_BYTES;
});

function flipped(at: number): Buffer {
  const bytes = Buffer.from(wal);
  bytes[at] = (bytes[at] as number) ^ 0x10;
  return bytes;
}

test("a whole file, an empty one and one that was cut off anywhere are no damage", () => {
  expect(frames).toBeGreaterThan(10);
  expect(walDamage(wal)).toBeUndefined();
  expect(walDamage(wal.subarray(0, 0))).toBeUndefined();
  for (let length = 0; length < wal.length; length += 1_500)
    expect(walDamage(wal.subarray(0, length))).toBeUndefined();
});

test("a flipped bit in any frame with commits behind it is damage", () => {
  for (let frame = 0; frame < frames - 5; frame++)
    for (const offset of [1, 10, 18, 24, 2_000, FRAME_BYTES - 1])
      expect(walDamage(flipped(HEADER_BYTES + frame * FRAME_BYTES + offset))).toMatch(
        /^its frame \d+ is damaged/,
      );
});

test("a flipped bit in the header is damage", () => {
  for (let at = 0; at < HEADER_BYTES; at++) expect(walDamage(flipped(at))).toMatch(/^its header/);
});

test("a last commit that did not arrive whole is what a power cut leaves", () => {
  expect(walDamage(flipped(wal.length - 100))).toBeUndefined();
});

test("frames of before the last reset are not looked at", () => {
  const dir = mkdtempSync(join(tmpdir(), "tidemark-wal-"));
  const path = join(dir, "a.sqlite");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(x BLOB)");
  for (let n = 0; n < 10; n++) database.exec("INSERT INTO t VALUES (randomblob(3000))");
  database.exec("PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (1)");
  const reused = readFileSync(`${path}-wal`);
  database.close();
  rmSync(dir, { recursive: true });
  expect(reused.length).toBeGreaterThan(10 * FRAME_BYTES);
  expect(walDamage(reused)).toBeUndefined();
});

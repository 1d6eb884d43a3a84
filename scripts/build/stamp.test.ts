import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rootDir } from "./places.ts";
import { stampOf } from "./stamp.ts";

let dir: string;
let name: string;
beforeEach(() => {
  mkdirSync(join(rootDir, "node_modules/.cache"), { recursive: true });
  dir = mkdtempSync(join(rootDir, "node_modules/.cache/stamp-"));
  name = relative(rootDir, dir);
  mkdirSync(join(dir, "inner"));
  writeFileSync(join(dir, "a.ts"), "one");
  writeFileSync(join(dir, "inner/b.ts"), "two");
});
afterEach(() => rmSync(dir, { recursive: true }));

test("the same files give the same stamp", () => {
  expect(stampOf([name])).toBe(stampOf([name]));
});

test("a changed content, a changed name and a new file each change the stamp", () => {
  const stamps = [stampOf([name])];
  writeFileSync(join(dir, "a.ts"), "on");
  stamps.push(stampOf([name]));
  renameSync(join(dir, "a.ts"), join(dir, "c.ts"));
  stamps.push(stampOf([name]));
  writeFileSync(join(dir, "inner/d.css"), "");
  stamps.push(stampOf([name]));
  expect(new Set(stamps).size).toBe(4);
});

test("tests and left-out folders do not change the stamp", () => {
  const before = stampOf([name], [`${name}/system`]);
  mkdirSync(join(dir, "system"));
  writeFileSync(join(dir, "system/host.ts"), "x");
  writeFileSync(join(dir, "a.test.ts"), "x");
  expect(stampOf([name], [`${name}/system`])).toBe(before);
});

test("a folder that comes later changes the stamp", () => {
  const before = stampOf([name, `${name}-other`]);
  mkdirSync(`${dir}-other`);
  writeFileSync(`${dir}-other/a.ts`, "x");
  const after = stampOf([name, `${name}-other`]);
  rmSync(`${dir}-other`, { recursive: true });
  expect(after).not.toBe(before);
});

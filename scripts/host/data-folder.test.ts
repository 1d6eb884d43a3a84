import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataFolder } from "./data-folder.ts";
import { Trouble } from "./trouble.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "tidemark-data-"));
});
afterEach(() => {
  chmodSync(parent, 0o700);
  rmSync(parent, { recursive: true });
});

function troubleOf(run: () => unknown): Trouble {
  try {
    run();
  } catch (error) {
    if (error instanceof Trouble) return error;
    throw error;
  }
  throw new Error("expected Trouble, but it went well");
}

test("a new folder gets a secret that only its owner reads, and keeps it", () => {
  const path = join(parent, "a/b");
  const { secret } = openDataFolder(path);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(statSync(join(path, "secret")).mode & 0o777).toBe(0o600);
  expect(openDataFolder(path).secret).toBe(secret);
});

test("two folders have different secrets", () => {
  expect(openDataFolder(join(parent, "a")).secret).not.toBe(openDataFolder(join(parent, "b")).secret);
});

test("a file in the way is named, with another folder as the way out", () => {
  writeFileSync(join(parent, "data"), "");
  const trouble = troubleOf(() => openDataFolder(join(parent, "data")));
  expect(trouble.message).toContain(join(parent, "data"));
  expect(trouble.message).toContain("a part of the path is a file");
  expect(trouble.advice.join()).toContain("TIDEMARK_DATA=");
});

test.skipIf(process.getuid?.() === 0)("a folder without the right to write is named", () => {
  mkdirSync(join(parent, "data"));
  chmodSync(parent, 0o500);
  chmodSync(join(parent, "data"), 0o500);
  expect(troubleOf(() => openDataFolder(join(parent, "data"))).message).toContain("may not write");
});

test.skipIf(process.platform !== "linux")("where no folder can be made, it says so and ends", () => {
  const trouble = troubleOf(() => openDataFolder("/proc/nope/deeper"));
  expect(trouble.message).toContain("/proc/nope/deeper cannot be used: no folder can be made there");
});

test("a damaged secret is named and left as it is", () => {
  openDataFolder(parent);
  writeFileSync(join(parent, "secret"), "oops\n");
  expect(troubleOf(() => openDataFolder(parent)).message).toContain(join(parent, "secret"));
  expect(readFileSync(join(parent, "secret"), "utf8")).toBe("oops\n");
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { integrityOf } from "../../sdk/build/parts.ts";
import { keepBuilds } from "./keep-builds.ts";

let dir: string;
let served: string;
let server: Server;
let origin: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "tidemark-builds-"));
  served = join(dir, "served");
  server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(served, request.url ?? "")));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

/** A build with one module, into a folder of its own. */
function built(into: string, name: string, path = `t/${name}/capture.js`): void {
  const files = { [`t.${name}.js`]: `tag ${name}`, [path]: `module ${name}` };
  const integrity: Record<string, string> = {};
  for (const [file, code] of Object.entries(files)) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    writeFileSync(join(into, file), code);
    integrity[file] = integrityOf(code);
  }
  writeFileSync(join(into, "t/builds.json"), JSON.stringify([{ tag: `t.${name}.js`, integrity }]));
}

test("a deploy brings along what open pages and pinned tags of earlier builds ask for", async () => {
  built(served, "one");
  for (const name of ["two", "three"]) {
    const next = join(dir, name);
    built(next, name);
    await keepBuilds(origin, next);
    served = next;
  }
  for (const name of ["one", "two", "three"]) {
    expect(readFileSync(join(served, `t.${name}.js`), "utf8")).toBe(`tag ${name}`);
    expect(readFileSync(join(served, `t/${name}/capture.js`), "utf8")).toBe(`module ${name}`);
  }
  // The same build once more is not an earlier one.
  expect(await keepBuilds(origin, served)).toBe(2);
});

test("the first deploy finds nothing to keep", async () => {
  built(join(dir, "new"), "one");
  expect(await keepBuilds(origin, join(dir, "new"))).toBe(0);
});

test("nothing is deployed with a file that is not what its build was", async () => {
  built(join(dir, "new"), "two");
  built(served, "one");
  writeFileSync(join(served, "t/one/capture.js"), "evil");
  await expect(keepBuilds(origin, join(dir, "new"))).rejects.toThrow("not what its list says");
  built(served, "one", "t/../../outside.js");
  await expect(keepBuilds(origin, join(dir, "new"))).rejects.toThrow("outside.js");
});

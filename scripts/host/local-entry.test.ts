import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localEntry } from "./local-entry.ts";

interface Entry {
  Local: { fetch(request: Request, env: unknown, ctx: unknown): Promise<Response> };
  Shard: string;
}

const CODE_PATHS = ["/v1/*", "/healthz"];
/** Answers with what it was asked for. */
const CODE = `export const Shard = "a class of objects";
export default { fetch: (request) => new Response("code " + request.method + " " + request.url) };`;
/** Has one file. */
const ASSETS = {
  fetch: async ({ url }: Request) =>
    new URL(url).pathname === "/t.js" ? new Response("file") : new Response("", { status: 404 }),
};

async function entry(): Promise<Entry> {
  const dir = mkdtempSync(join(tmpdir(), "tidemark-entry-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const { name, contents } = localEntry("index.js", CODE_PATHS);
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  writeFileSync(join(dir, "index.js"), CODE);
  writeFileSync(join(dir, name), contents);
  return import(/* @vite-ignore */ join(dir, name));
}

test.each([
  ["/v1/batches?gz=1", "code GET http://localhost/v1/batches?gz=1"],
  ["/healthz", "code GET http://localhost/healthz"],
  ["/t.js", "file"],
  ["/v1", "code GET http://localhost/v1"],
  ["/no-such-file", "code GET http://localhost/no-such-file"],
])("%s is answered by: %s", async (path, answer) => {
  const { Local } = await entry();
  const response = await Local.fetch(new Request(`http://localhost${path}`), { ASSETS }, {});
  expect(await response.text()).toBe(answer);
});

test("code is called with a path that is made straight, as behind Cloudflare's own router", async () => {
  const { Local } = await entry();
  const sent = new Request("http://localhost/v1/lake");
  Object.defineProperty(sent, "url", { value: "http://localhost/files/../v1/lake" });
  expect(await (await Local.fetch(sent, { ASSETS }, {})).text()).toBe("code GET http://localhost/v1/lake");
});

test("what the built worker exports is exported", async () => {
  expect((await entry()).Shard).toBe("a class of objects");
});

test("a pattern that it cannot follow ends the start", () => {
  expect(() => localEntry("index.js", ["!/v1/*"])).toThrow("run_worker_first");
});

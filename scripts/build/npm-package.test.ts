import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildNpmPackage } from "./npm-package.ts";
import { CommandFailed, run } from "./run.ts";

/** A shop's own project, into which the packed SDK was installed. */
let shop: string;

beforeAll(async () => {
  shop = mkdtempSync(join(tmpdir(), "tidemark-shop-"));
  const packed = join(shop, "packed");
  await buildNpmPackage(packed);
  await run("npm", ["pack", packed, "--pack-destination", shop]);
  const tarball = readdirSync(shop).find((name) => name.endsWith(".tgz"));
  write("package.json", '{ "name": "shop", "private": true, "type": "module" }');
  await run("npm", ["install", `./${tarball}`, "--offline", "--no-audit", "--no-fund"], { cwd: shop });
  rmSync(packed, { recursive: true });
});

afterAll(() => rmSync(shop, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(shop, path, ".."), { recursive: true });
  writeFileSync(join(shop, path), text);
}

test("the installed package brings nothing else along and needs no compiler", () => {
  expect(readdirSync(join(shop, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
    "tidemark",
  ]);
  const files = readdirSync(join(shop, "node_modules/tidemark"), { recursive: true }) as string[];
  expect(files.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))).toEqual([]);
});

test("a shop's code is checked against GA4's events and its own, by the declarations alone", async () => {
  const options = {
    strict: true,
    noEmit: true,
    module: "ESNext",
    moduleResolution: "bundler",
    target: "ES2022",
    lib: ["ES2022", "DOM"],
    types: [],
    skipLibCheck: false,
  };
  write("tsconfig.json", JSON.stringify({ compilerOptions: options, files: ["shop.ts"] }));
  const right = `
    import { createTracker } from "tidemark/sdk";
    import { createHeadlessTracker } from "tidemark/sdk/headless";
    import { tidemarkPixel } from "tidemark/sdk/shopify-pixel";
    type MyEvents = { size_chart_opened: { itemId: string } };
    const tracker = createTracker<MyEvents>({ key: "wk_1", endpoint: "https://collect.shop.example" });
    tracker.track("size_chart_opened", { itemId: "4711" });
    tracker.track("purchase", { transactionId: "O-1", currency: "EUR", value: 12.9 });
    const { track }: { track(name: string): void } = createHeadlessTracker({ key: "k", endpoint: "e", session: "s", stream: "t" });
    export { track, tidemarkPixel };`;
  write("shop.ts", right);
  await run("tsc", ["-p", shop]);
  write("shop.ts", `${right}\ntracker.track("size_chart_opend", { itemId: "4711" });`);
  await expect(run("tsc", ["-p", shop])).rejects.toThrow(CommandFailed);
});

test("importing does nothing: no global is read, made or listened to, in a page, a worker or Node", async () => {
  write(
    "import.js",
    `const touched = [];
     const pageOnly = ["document", "window", "localStorage", "sessionStorage", "indexedDB", "addEventListener", "location"];
     for (const name of pageOnly) Object.defineProperty(globalThis, name, { get: () => touched.push(name), configurable: true });
     for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask"]) globalThis[name] = () => touched.push(name);
     const before = Reflect.ownKeys(globalThis).length;
     for (const entry of ["tidemark/sdk", "tidemark/sdk/headless", "tidemark/sdk/shopify-pixel"]) {
       const names = Object.keys(await import(entry));
       if (names.length !== 1) throw new Error(entry + ": " + names);
     }
     if (touched.length > 0 || Reflect.ownKeys(globalThis).length !== before) throw new Error("touched " + touched);`,
  );
  await run("node", [join(shop, "import.js")]);
});

test("a bundler drops what is not used, and keeps lazy modules out of what every page loads", async () => {
  const sizes: Record<string, number> = {};
  const bundled = async (name: string, code: string): Promise<number> => {
    write(`${name}.js`, code);
    const built = await build({
      root: shop,
      configFile: false,
      logLevel: "error",
      build: { write: false, target: "es2022", lib: { entry: `${name}.js`, formats: ["es"] } },
    });
    const [result] = [built].flat();
    if (!result || !("output" in result)) throw new Error("nothing was bundled");
    const first = brotliCompressSync(result.output[0].code).length;
    sizes[name] = first;
    return first;
  };
  expect(
    await bundled("nothing", `import "tidemark/sdk"; import { createTracker } from "tidemark/sdk";`),
  ).toBeLessThan(20);
  const create = `import { createTracker } from "tidemark/sdk"; createTracker({ key: "wk_1", endpoint: "https://c.example" });`;
  expect(await bundled("tracker", create)).toBeLessThan(3_500);
  const headless = `import { createHeadlessTracker } from "tidemark/sdk/headless"; export const create = createHeadlessTracker;`;
  expect(await bundled("headless", headless)).toBeLessThan(2_000);
  console.log("brotli B of what a page loads first", sizes);
});

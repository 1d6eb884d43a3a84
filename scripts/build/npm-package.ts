import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { build } from "vite";
import { rootDir } from "./places.ts";
import { run } from "./run.ts";

/** What a shop may import, by its module in sdk/. */
const ENTRIES = { sdk: "index", "sdk/headless": "headless", "sdk/shopify-pixel": "shopify-pixel" };
/** Inside of the package, so that it depends on nothing; with their licences. */
const BUNDLED = ["idb", "web-vitals"];
/** Where `tsc -b` leaves the declarations of the repository. */
const DECLARATIONS = join(rootDir, "node_modules/.cache/tsc");

/** The SDK as a package that `npm pack` and `npm publish` take: modules, declarations, nothing to install with it. */
export async function buildNpmPackage(outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  await buildModules(outDir);
  await run("tsc", ["-b", "sdk"]);
  for (const module of Object.values(ENTRIES)) copyDeclarations(`sdk/${module}.d.ts`, join(outDir, "types"));
  writeFileSync(join(outDir, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  copyFileSync(join(rootDir, "LICENSE"), join(outDir, "LICENSE"));
  copyFileSync(join(rootDir, "docs/sdk.md"), join(outDir, "README.md"));
  const notices = BUNDLED.map(
    (name) => `${name}\n\n${readFileSync(join(rootDir, "node_modules", name, "LICENSE"), "utf8")}`,
  );
  writeFileSync(join(outDir, "THIRD-PARTY-LICENSES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

/** Readable modules: the shop's own bundler makes them small, and drops what it does not use. */
async function buildModules(outDir: string): Promise<void> {
  const entry = Object.fromEntries(
    Object.values(ENTRIES).map((module) => [module, join(rootDir, "sdk", `${module}.ts`)]),
  );
  await build({
    publicDir: false,
    logLevel: "warn",
    configFile: false,
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2022",
      minify: false,
      lib: { entry, formats: ["es"] },
      rolldownOptions: { output: { entryFileNames: "[name].js", chunkFileNames: "chunks/[name].js" } },
    },
  });
}

function manifest(): object {
  const { name, version, description, license } = JSON.parse(
    readFileSync(join(rootDir, "package.json"), "utf8"),
  ) as Record<string, string>;
  return {
    name,
    version,
    description,
    license,
    type: "module",
    sideEffects: false,
    exports: Object.fromEntries(
      Object.entries(ENTRIES).map(([path, module]) => [
        `./${path}`,
        { types: `./types/sdk/${module}.d.ts`, default: `./${module}.js` },
      ]),
    ),
  };
}

/** A declaration and all that it refers to. */
function copyDeclarations(path: string, outDir: string, done: Set<string> = new Set()): void {
  if (done.has(path)) return;
  done.add(path);
  const text = readFileSync(join(DECLARATIONS, path), "utf8");
  const target = join(outDir, path);
  mkdirSync(dirname(target), { recursive: true });
  const imported = /(from |import\()"(\.{1,2}\/[^"]+)\.ts"/g;
  // A package has no .ts files; the declaration stands beside the name of the module.
  writeFileSync(target, text.replace(imported, '$1"$2.js"'));
  for (const [, , relative] of text.matchAll(imported))
    copyDeclarations(posix.join(posix.dirname(path), `${relative}.d.ts`), outDir, done);
}

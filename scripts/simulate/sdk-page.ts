import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const ID = "virtual:sdk-page";
const RESOLVED = `\0${ID}`;
const IDB = "\0sdk-page-idb";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The globals of collector/simulation/page-globals.ts; each shadows the real one. */
const GLOBALS = [
  "self",
  "navigator",
  "navigation",
  "document",
  "location",
  "localStorage",
  "Date",
  "Math",
  "AbortSignal",
  "addEventListener",
  "fetch",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "openDB",
  "deleteDB",
];

/**
 * The module `virtual:sdk-page`: the SDK's own modules inside of one function, so that each call is a page with
 * globals of its own. No `eval`: workerd allows none.
 *
 * @param plugins - change the SDK's sources; for mutants
 */
export function sdkPage(plugins: Plugin[] = []): Plugin {
  let code: Promise<string> | undefined;
  return {
    name: "sdk-page",
    resolveId: (id) => (id === ID ? RESOLVED : undefined),
    load: (id) => {
      if (id !== RESOLVED) return undefined;
      code ??= bundle(plugins);
      return code;
    },
  };
}

async function bundle(plugins: Plugin[]): Promise<string> {
  // In a page of the simulation IndexedDB is a global.
  const idb: Plugin = {
    name: "sdk-page-idb",
    enforce: "pre",
    resolveId: (id) => (id === "idb" ? IDB : undefined),
    load: (id) =>
      id === IDB
        ? "const [open, remove] = [openDB, deleteDB]; export { open as openDB, remove as deleteDB };"
        : undefined,
  };
  const result = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    plugins: [idb, ...plugins],
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry: here("sdk-entry.ts"), formats: ["iife"], name: "sdkPage", fileName: () => "sdk-page.js" },
    },
  });
  const [output] = [result].flat() as { output: { code: string }[] }[];
  const code = output?.output[0]?.code;
  if (code === undefined) throw new Error("the SDK was not bundled");
  return `export function evaluatePage({ ${GLOBALS.join(", ")} }) {\n${code}\nreturn sdkPage;\n}\n`;
}

import { fileURLToPath } from "node:url";
import { type BuildEnvironmentOptions, build, type InlineConfig } from "vite";

/** Modules that t.js imports by their address when a page needs them, each in one piece. */
const PARTS = ["capture", "outbox", "recover", "recs"];

/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 10 B after brotli.
 */
const SHORT_NAMES = {
  batches: "n",
  batchesUrl: "r",
  disk: "b",
  deliver: "z",
  failures: "a",
  head: "g",
  resumeAfter: "i",
  isHeld: "y",
  lines: "k",
  keyQuery: "L",
  ownStream: "o",
  onLogged: "B",
  quietMs: "u",
  reply: "l",
  resume: "t",
  seal: "K",
  seq: "O",
  settle: "N",
  texts: "v",
  tracker: "f",
  unserializable: "e",
  use: "m",
};

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const output: BuildEnvironmentOptions = {
  outDir: here("../dist/assets"),
  emptyOutDir: false,
  target: "es2022",
};

/** One file from one module, with the same short names in all. */
function bundle(entry: string, format: "es" | "iife", path: string): InlineConfig {
  return {
    publicDir: false,
    logLevel: "warn",
    configFile: false,
    build: {
      ...output,
      lib: { entry: here(entry), formats: [format], name: "_", fileName: () => path },
      rolldownOptions: {
        // A named limit costs no more than its number.
        optimization: { inlineConst: { mode: "all", pass: 2 } },
        output: {
          minify: {
            compress: { target: "es2022" },
            mangle: true,
            codegen: true,
            mangleProps: {
              include: new RegExp(`^(${Object.keys(SHORT_NAMES).join("|")})$`),
              cache: SHORT_NAMES,
            },
          },
        },
      },
    },
  };
}

const config: InlineConfig = {
  ...bundle("snippet.ts", "iife", "t.js"),
  plugins: [
    {
      name: "parts",
      closeBundle: async () => {
        for (const part of PARTS) await build(bundle(`${part}.ts`, "es", `t/${part}.js`));
      },
    },
  ],
};
export default config;

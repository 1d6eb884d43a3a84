import { fileURLToPath } from "node:url";
import { minify } from "terser";
import { type BuildEnvironmentOptions, build, type InlineConfig } from "vite";

/** Modules that t.js, and the pixel that Shopify, imports by address when a page needs them, each in one piece. */
const PARTS = [
  "capture",
  "consent",
  "data-layer",
  "errors",
  "outbox",
  "overlay",
  "recover",
  "recs",
  "shopify-pixel",
  "vitals",
];

/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 10 B after brotli.
 */
const SHORT_NAMES = {
  batches: "i",
  batchesUrl: "_",
  disk: "l",
  deliver: "F",
  failures: "q",
  head: "y",
  resumeAfter: "d",
  isHeld: "t",
  lines: "u",
  keyQuery: "c",
  ownStream: "s",
  onLogged: "r",
  quietMs: "k",
  reply: "b",
  resume: "p",
  seal: "Z",
  seq: "e",
  settle: "m",
  texts: "z",
  tracker: "A",
  unserializable: "M",
  use: "o",
};

/**
 * Names of variables in the order in which they are given out; searched for like the letters above, worth 10 B.
 */
const VARIABLE_NAMES = "eqkjfidhmncQVUytSzuaNApMolsOwHJDvrGLRBbCIKgxTEFYXWZ_$P";

/** Every page loads t.js, so it goes through a second minifier, which finds 20 B more. */
async function smaller(code: string): Promise<string> {
  const { code: smallest = code } = await minify(code, {
    ecma: 2020,
    toplevel: true,
    compress: {
      passes: 3,
      unsafe: true,
      unsafe_arrows: true,
      unsafe_methods: true,
      booleans_as_integers: true,
    },
    mangle: { nth_identifier: { get: (n) => variableName(Number(n)) } },
  });
  return smallest;
}

function variableName(n: number): string {
  const base = VARIABLE_NAMES.length;
  const name = VARIABLE_NAMES[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1);
}

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
      name: "smaller",
      generateBundle: async (_options, files) => {
        const tag = files["t.js"];
        if (tag?.type === "chunk") tag.code = await smaller(tag.code);
      },
    },
    {
      name: "parts",
      closeBundle: async () => {
        for (const part of PARTS) await build(bundle(`${part}.ts`, "es", `t/${part}.js`));
      },
    },
  ],
};
export default config;

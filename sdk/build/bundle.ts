import { fileURLToPath } from "node:url";
import { minify } from "terser";
import type { InlineConfig } from "vite";
import { SHORT_NAMES, variableName } from "./names.ts";

/** One file from one module, with the same short names in all. */
export function bundle(entry: string, format: "es" | "iife", path: string): InlineConfig {
  const here = (relative: string): string => fileURLToPath(new URL(`../${relative}`, import.meta.url));
  return {
    publicDir: false,
    logLevel: "warn",
    configFile: false,
    build: {
      outDir: here("../dist/assets"),
      emptyOutDir: false,
      target: "es2022",
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

/** Every page loads t.js, so it goes through a second minifier, which finds 20 B more. */
export async function smaller(code: string): Promise<string> {
  const { code: smallest = code } = await minify(code, {
    ecma: 2020,
    toplevel: true,
    compress: { passes: 6, unsafe: true, unsafe_arrows: true, booleans_as_integers: true },
    mangle: { nth_identifier: { get: (n) => variableName(Number(n)) } },
  });
  return smallest;
}

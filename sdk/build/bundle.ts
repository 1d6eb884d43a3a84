import { fileURLToPath } from "node:url";
import { type MinifyOptions, minify } from "terser";
import type { InlineConfig } from "vite";
import { NAMES, variableName } from "./names.ts";

/**
 * For what runs as soon as it is there. V8 reads each function twice otherwise, once to skip it and once when it is called:
 * with this comment, which costs 25 B, evaluating t.js takes a third less and the first `start` of capture.js half.
 */
export const COMPILE_AT_ONCE = "//# allFunctionsCalledOnLoad\n";

/** One file from one module, with the same short names of properties in all. */
export function bundle(
  entry: string,
  format: "es" | "iife",
  path: string,
  properties: Record<string, string> = NAMES.properties,
): InlineConfig {
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
              include: new RegExp(`^(${Object.keys(properties).join("|")})$`),
              cache: properties,
            },
          },
        },
      },
    },
  };
}

/** Every page loads t.js, so it goes through a second minifier, which finds 20 B more. */
export async function smaller(code: string): Promise<string> {
  return withVariables(await compressed(code), NAMES.variables);
}

export async function compressed(code: string): Promise<string> {
  return minified(code, {
    compress: { passes: 6, unsafe: true, unsafe_arrows: true, booleans_as_integers: true },
    mangle: false,
  });
}

/** @param letters - of variables, in the order in which they are given out */
export async function withVariables(code: string, letters: string): Promise<string> {
  const named = await minified(code, {
    compress: false,
    mangle: { nth_identifier: { get: (n) => variableName(Number(n), letters) } },
  });
  return COMPILE_AT_ONCE + named;
}

async function minified(code: string, options: MinifyOptions): Promise<string> {
  const { code: result = code } = await minify(code, { ecma: 2020, toplevel: true, ...options });
  return result;
}

import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { rootDir } from "../build/places.ts";
import { sdkPage } from "./sdk-page.ts";

/**
 * Bundles the simulation with the collector and the SDK into one file.
 *
 * @param plugins - change the sources; for mutants
 * @returns its path
 */
export async function bundleSimulation(name = "simulation", plugins: Plugin[] = []): Promise<string> {
  const outDir = `${rootDir}node_modules/.cache/simulation`;
  await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    plugins: [sdkPage(plugins), ...plugins],
    build: {
      outDir,
      emptyOutDir: false,
      minify: false,
      target: "es2022",
      lib: {
        entry: fileURLToPath(new URL("entry.ts", import.meta.url)),
        formats: ["es"],
        fileName: () => `${name}.mjs`,
      },
    },
  });
  return `${outDir}/${name}.mjs`;
}

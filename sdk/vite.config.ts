import { fileURLToPath } from "node:url";
import { type BuildEnvironmentOptions, build, type UserConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const common: UserConfig = { publicDir: false, logLevel: "warn" };

const output: BuildEnvironmentOptions = {
  outDir: here("../dist/assets"),
  emptyOutDir: false,
  target: "es2022",
  minify: true,
};

// A named limit costs no more than its number.
const optimization = { inlineConst: { mode: "all", pass: 2 } } as const;

/** The parts: modules that t.js imports by their address when a page needs them. */
const config: UserConfig = {
  ...common,
  build: {
    ...output,
    lib: {
      entry: { capture: here("capture.ts"), recover: here("recover.ts"), recs: here("recs.ts") },
      formats: ["es"],
      fileName: (_format, name) => `t/${name}.js`,
    },
    rolldownOptions: { optimization, output: { minify: true, chunkFileNames: "t/[name].js" } },
  },
  plugins: [{ name: "script-tag", closeBundle: buildScriptTag }],
};
export default config;

/** t.js: a classic script in one piece. */
async function buildScriptTag(): Promise<void> {
  await build({
    ...common,
    configFile: false,
    build: {
      ...output,
      lib: { entry: here("snippet.ts"), formats: ["iife"], name: "_", fileName: () => "t.js" },
      rolldownOptions: { optimization },
    },
  });
}

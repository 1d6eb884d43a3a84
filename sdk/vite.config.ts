import { fileURLToPath } from "node:url";
import { build, type InlineConfig, type UserConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const common = {
  configFile: false,
  publicDir: false,
  logLevel: "warn",
} satisfies InlineConfig;

const output = { outDir: here("../dist/assets"), emptyOutDir: false, target: "es2022" } as const;

/** t.js is a classic script in one piece; its parts are modules that it imports by address when a page needs them. */
const config: UserConfig = {
  publicDir: false,
  logLevel: "warn",
  build: {
    ...output,
    lib: {
      entry: { capture: here("capture.ts"), outbox: here("outbox.ts"), recs: here("recs.ts") },
      formats: ["es"],
      fileName: (_format, name) => `t/${name}.js`,
    },
    minify: true,
  },
  plugins: [
    {
      name: "script-tag",
      async closeBundle() {
        await build({
          ...common,
          build: {
            ...output,
            minify: true,
            lib: { entry: here("snippet.ts"), formats: ["iife"], name: "_", fileName: () => "t.js" },
          },
        });
      },
    },
  ],
};
export default config;

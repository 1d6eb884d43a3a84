import { join } from "node:path";
import type { UserConfig } from "vite";

/** The dashboard at `/` and the quarantine at `/quarantine/`, beside the playground and the tag in dist/assets. */
const config: UserConfig = {
  root: import.meta.dirname,
  publicDir: "public",
  build: {
    outDir: "../../dist/assets",
    // The SDK, the playground and the demo write there too; scripts/build.ts empties it once.
    emptyOutDir: false,
    assetsDir: "dashboard",
    rolldownOptions: {
      input: ["index.html", "quarantine/index.html"].map((page) => join(import.meta.dirname, page)),
    },
    target: "es2023",
    // Nothing is inlined as data: the CSP of `/` lets scripts, styles and fonts come from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};

export default config;

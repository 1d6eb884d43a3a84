import type { UserConfig } from "vite";

/** The dashboard: a page of its own at `/`, beside the playground and the tag in dist/assets. */
const config: UserConfig = {
  root: import.meta.dirname,
  publicDir: "public",
  build: {
    outDir: "../../dist/assets",
    // The SDK, the playground and the demo write there too; scripts/build.ts empties it once.
    emptyOutDir: false,
    assetsDir: "dashboard",
    target: "es2023",
    // Nothing is inlined as data: the CSP of `/` lets scripts, styles and fonts come from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};

export default config;

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { engineFiles } from "./engine-files.ts";

/** The playground is a page of its own below /playground/, beside the dashboard's files. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/playground/",
  publicDir: false,
  plugins: [engineFiles()],
  worker: { format: "es", plugins: () => [engineFiles()] },
  build: {
    outDir: fileURLToPath(new URL("../dist/assets/playground", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // `data:` is not allowed by our Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
});

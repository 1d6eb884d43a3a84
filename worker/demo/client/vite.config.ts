import { defineConfig } from "vite";

/** shop.ts and shop.css as two files with fixed names; the demo app serves them under /demo/assets/. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: "warn",
  build: {
    outDir: "../../../dist/assets/demo-assets",
    emptyOutDir: true,
    modulePreload: false,
    rolldownOptions: {
      input: { shop: `${import.meta.dirname}/shop.ts` },
      output: { entryFileNames: "[name].js", assetFileNames: "[name].[ext]" },
    },
  },
});

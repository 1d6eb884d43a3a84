/** `npm run package`: the SDK as an npm package, dist/npm, and as the tarball that `npm publish` would send. */
import { join } from "node:path";
import { buildNpmPackage } from "./build/npm-package.ts";
import { distDir } from "./build/places.ts";
import { run } from "./build/run.ts";

const outDir = join(distDir, "npm");
await buildNpmPackage(outDir);
await run("npm", ["pack", outDir, "--pack-destination", distDir], { output: "show" });

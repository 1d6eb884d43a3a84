/** `npm run build`: the pages into dist/assets, the worker into dist/worker. */
import { build } from "./build/build.ts";
import { CommandFailed } from "./build/run.ts";

try {
  await build((line) => console.log(`build    ${line}`));
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  console.error(`${error.output}\n${error.message}`);
  process.exitCode = 1;
}

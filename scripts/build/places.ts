import { fileURLToPath } from "node:url";

/** The folder of the repository, with a slash at its end. */
export const rootDir: string = fileURLToPath(new URL("../../", import.meta.url));
export const distDir = `${rootDir}dist`;
/** What the ASSETS binding serves. */
export const assetsDir = `${rootDir}dist/assets`;
/** The bundled worker, and its bindings as a file. */
export const workerDir = `${rootDir}dist/worker`;
export const WORKER_OPTIONS_FILE = "options.json";
export const WORKER_NAME = "tidemark";

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import type { Plugin } from "vite";

/** Quality 9 takes seconds, 11 takes minutes for 14 % less. */
const BROTLI_QUALITY = 9;
const CACHE = new URL("../node_modules/.cache/tidemark-engine/", import.meta.url);
const ID = "virtual:engine-files";

/** The two engines: 34 MB and 5 MB of WebAssembly. */
const MODULES = {
  duckdb: "@duckdb/duckdb-wasm/dist/duckdb-eh.wasm",
  parquet: "parquet-wasm/esm/parquet_wasm_bg.wasm",
};

interface EngineFile {
  name: string;
  source: Buffer;
  /** Named by content, so it can be cached for good. */
  file: string;
}

/**
 * Puts the engines beside the page as `engine/<name>-<hash>.wasm.br` and gives their URLs as `virtual:engine-files`.
 *
 * A static file of a Worker may have 25 MiB at most, so the engines are stored compressed; worker/routes/engine.ts
 * answers `engine/<name>-<hash>.wasm` from them. The development server of vite sends them as they are.
 */
export function engineFiles(): Plugin {
  let base = "/";
  let files: EngineFile[] = [];
  return {
    name: "engine-files",
    enforce: "pre",
    async configResolved(config) {
      base = config.base;
      files = await Promise.all(Object.entries(MODULES).map(([name, path]) => readEngine(name, path)));
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null;
      return files
        .map(({ name, file }) => `export const ${name} = ${JSON.stringify(`${base}engine/${file}`)};`)
        .join("\n");
    },
    transform(code, id) {
      // parquet-wasm names its module itself as well, which would bring it along a second time.
      const own = "new URL('parquet_wasm_bg.wasm', import.meta.url)";
      return id.includes("parquet-wasm") && code.includes(own) ? code.replace(own, "undefined") : null;
    },
    async generateBundle() {
      const compressed = await Promise.all(files.map(compress));
      for (const [index, { file }] of files.entries()) {
        this.emitFile({ type: "asset", fileName: `engine/${file}.br`, source: compressed[index] as Buffer });
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const found = files.find(({ file }) => request.url === `${base}engine/${file}`);
        if (!found) return next();
        response.setHeader("content-type", "application/wasm");
        response.end(found.source);
      });
    },
  };
}

async function readEngine(name: string, path: string): Promise<EngineFile> {
  const source = await readFile(createRequire(import.meta.url).resolve(path));
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
  return { name, source, file: `${name}-${hash}.wasm` };
}

/** Once per content: the result stays in node_modules/.cache. */
async function compress({ source, file }: EngineFile): Promise<Buffer> {
  const cached = new URL(`${file}.q${BROTLI_QUALITY}.br`, CACHE);
  if (existsSync(cached)) return readFile(cached);
  const bytes = await promisify(brotliCompress)(source, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: source.length,
    },
  });
  await mkdir(CACHE, { recursive: true });
  // A build that is killed here must not leave half a file under the final name.
  const partial = new URL(`${cached.href}.${process.pid}`);
  await writeFile(partial, bytes);
  await rename(partial, cached);
  return bytes;
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, type MiniflareOptions } from "miniflare";
import { assetsDir, WORKER_NAME, WORKER_OPTIONS_FILE } from "../build/places.ts";
import { LOOPBACK } from "./free-port.ts";
import { LOCAL_ENTRYPOINT, localEntry } from "./local-entry.ts";
import type { FrontModule } from "./message.ts";

type V4Options = Parameters<typeof convertV4MiniflareOptions>[0];
type V4Worker = Extract<V4Options, { workers: unknown }>["workers"][number];

export interface RuntimeOptions {
  port: number;
  stateDir: string;
  vars: Record<string, string>;
  front: FrontModule[];
  /** Where the built worker and its options are. */
  builtDir: string;
  onLog: NonNullable<MiniflareOptions["handleStructuredLogs"]>;
}

/** The main module of the build. */
const ENTRY = "index.js";

/**
 * The built worker as Miniflare runs it: real workerd, with the bindings of wrangler.toml.
 *
 * The public port is a socket straight into the worker (`unsafeDirectSockets`), not Miniflare's entry worker,
 * which adds pretty error pages and half of the time of a request, and not its two workers for static files either
 * (local-entry.ts). Static files, `_headers` and `run_worker_first` are served as on Cloudflare all the same. Without
 * the entry worker there is no `request.cf` and no `CF-Connecting-IP`.
 */
export function runtimeOptions({
  port,
  stateDir,
  vars,
  front,
  builtDir,
  onLog,
}: RuntimeOptions): MiniflareOptions {
  const built = JSON.parse(readFileSync(join(builtDir, WORKER_OPTIONS_FILE), "utf8"));
  const entry = localEntry(front[0]?.name ?? ENTRY, built.assets.run_worker_first);
  const worker: V4Worker = {
    ...built,
    name: WORKER_NAME,
    rootPath: builtDir,
    // Miniflare takes the first module as the main one.
    modules: [...[entry, ...front].map((module) => toModule(module, builtDir)), ...readModules(builtDir)],
    bindings: vars,
    assets: { ...built.assets, directory: assetsDir },
    unsafeDirectSockets: [{ host: LOOPBACK, port, entrypoint: LOCAL_ENTRYPOINT }],
  };
  return {
    ...convertV4MiniflareOptions({ workers: [worker] }),
    host: LOOPBACK,
    port: 0,
    resourcePersistencePath: stateDir,
    handleStructuredLogs: onLog,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    // Nothing leaves this machine: no look-up of a real request.cf, no telemetry.
    cf: false,
    telemetry: { enabled: false },
  };
}

const MODULE_TYPES = {
  ".js": "ESModule",
  ".wasm": "CompiledWasm",
  ".bin": "Data",
  ".txt": "Text",
  ".html": "Text",
  ".sql": "Text",
} as const;

interface Module {
  type: (typeof MODULE_TYPES)[keyof typeof MODULE_TYPES];
  path: string;
  contents: string | Uint8Array<ArrayBuffer>;
}

function toModule({ name, contents }: FrontModule, builtDir: string): Module {
  return { type: "ESModule", path: join(builtDir, name), contents };
}

function readModules(builtDir: string): Module[] {
  return readdirSync(builtDir)
    .filter((name) => Object.keys(MODULE_TYPES).some((ending) => name.endsWith(ending)))
    .map((name) => {
      const type = MODULE_TYPES[name.slice(name.lastIndexOf(".")) as keyof typeof MODULE_TYPES];
      const path = join(builtDir, name);
      const isBinary = type === "CompiledWasm" || type === "Data";
      return {
        type,
        path,
        contents: isBinary ? new Uint8Array(readFileSync(path)) : readFileSync(path, "utf8"),
      };
    });
}

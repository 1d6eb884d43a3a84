import { Agent, request } from "node:http";
import { OneShard } from "../../collector/shard/one-shard.ts";
import { createApp } from "../../worker/app.ts";
import type { Env } from "../../worker/env.ts";
import type { ShardPort } from "../../worker/shards.ts";
import type { FuzzInput } from "./input.ts";
import type { Answer } from "./judge.ts";

/** Something that answers requests. */
export interface Target {
  ask(input: FuzzInput): Promise<Answer>;
}

const ANSWER_MS = 60_000;

/** The running system, over real connections. */
export function httpTarget(url: string, connections: number): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  return {
    ask: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const sent = request(
          {
            agent,
            hostname,
            port,
            method,
            path,
            headers: { ...Object.fromEntries(headers), ...(body ? { "content-length": body.length } : {}) },
            timeout: ANSWER_MS,
          },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => void chunks.push(chunk));
            answer.on("error", reject);
            answer.on("end", () =>
              resolve({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                text: Buffer.concat(chunks).toString(),
              }),
            );
          },
        );
        sent.on("timeout", () => sent.destroy(new Error(`no answer in ${ANSWER_MS} ms`)));
        sent.on("error", reject);
        sent.end(body);
      }),
  };
}

/** Batches for one shard; then its journal has had enough and a new one begins. */
const SHARD_BATCHES = 5_000;

/**
 * The Worker's own app in this process, over a shard whose disk and bucket are memory. What it does to the CPU is
 * this thread's CPU, so each input's can be measured.
 */
export function processTarget(): Target {
  const app = createApp();
  let batches = 0;
  let one = newShard();
  const shard: Pick<ShardPort, "ingest" | "probe" | "recommendAll" | "ready"> = {
    ingest: (batch) => {
      if (++batches % SHARD_BATCHES === 0) one = newShard();
      return one.shard.ingest(batch);
    },
    probe: (stream) => one.shard.probe(stream),
    recommendAll: async (asker, placements) => {
      const { model } = one.shard.state;
      const nowMs = Date.now();
      const lists = model.recommendAll({ ...asker, nowMs }, placements);
      return { lists, activity: model.activity(asker.session, nowMs) };
    },
    ready: async () => {},
  };
  const env = { TIDEMARK_DEMO: "1", SHARDS: { getByName: () => shard } } as unknown as Env;
  return {
    ask: async ({ method, path, headers, body }) => {
      const init: RequestInit = { method, headers: new Headers(headers) };
      if (body && method !== "GET" && method !== "HEAD") init.body = body as Uint8Array<ArrayBuffer>;
      const answer = await app.request(`http://127.0.0.1${path}`, init, env);
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        text: await answer.text(),
      };
    },
  };
}

/** What that app can answer without the rest of the system. */
export function isInProcess(operation: string): boolean {
  return [
    "POST /v1/batches",
    "GET /v1/batches/{stream}",
    "GET /v1/recommendations",
    "POST /v1/recommendations",
  ].includes(operation);
}

function newShard(): OneShard {
  return new OneShard({ nowMs: () => Date.now() });
}

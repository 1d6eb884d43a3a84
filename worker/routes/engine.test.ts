import { OpenAPIHono } from "@hono/zod-openapi";
import { expect, it } from "vitest";
import type { AppEnv } from "../context.ts";
import { Problem, problemResponse } from "../problem.ts";
import { engineRoutes } from "./engine.ts";

const FILE = "duckdb-0123456789abcdef.wasm";
/** Any bytes: the route does not look into them. */
const STORED = new Uint8Array([11, 4, 128, 97, 3]);
const asked: string[] = [];

/** Static files: the compressed engine and nothing else. */
const ASSETS = {
  fetch: async (url: URL) => {
    asked.push(url.pathname);
    const found = url.pathname === `/playground/engine/${FILE}.br`;
    return found ? new Response(STORED) : new Response("no such file", { status: 404 });
  },
};

const app = new OpenAPIHono<AppEnv>();
app.route("/playground/engine", engineRoutes);
app.onError((error) => {
  if (error instanceof Problem) return problemResponse(error, "test");
  throw error;
});

it("answers an engine as the brotli it is stored as, for good", async () => {
  const response = await app.request(`/playground/engine/${FILE}`, {}, { ASSETS });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/wasm");
  expect(response.headers.get("content-encoding")).toBe("br");
  expect(response.headers.get("cache-control")).toContain("immutable");
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(STORED);
});

it("knows no other files", async () => {
  asked.length = 0;
  for (const file of [
    "..%2Findex.html",
    "duckdb.wasm",
    "duckdb-0123456789abcdef.wasm.br",
    "parquet-fedcba9876543210.wasm",
  ]) {
    const response = await app.request(`/playground/engine/${file}`, {}, { ASSETS });
    expect(response.status, file).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
  expect(asked).toEqual(["/playground/engine/parquet-fedcba9876543210.wasm.br"]);
});

import { OpenAPIHono, z } from "@hono/zod-openapi";
import { PUBLIC } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { Problem } from "../problem.ts";

/** `<name>-<hash>.wasm`, as playground/engine-files.ts names them. */
const ENGINE_FILE = /^[a-z]+-[0-9a-f]{16}\.wasm$/;

/**
 * The WebAssembly of the playground, `GET /playground/engine/{file}`.
 *
 * One of them is larger than a static file may be (25 MiB), so it lies there as brotli and leaves as it lies:
 * every browser that runs it takes brotli from a secure context, and from loopback.
 */
export const engineRoutes = new OpenAPIHono<AppEnv>();

engineRoutes.openAPIRegistry.registerPath({
  method: "get",
  path: "/{file}",
  summary: "WebAssembly of the playground",
  ...PUBLIC,
  request: { params: z.object({ file: z.string() }) },
  responses: { 200: { description: "The file", content: { "application/wasm": {} } } },
});

engineRoutes.get("/:file", async (c) => {
  const file = c.req.param("file");
  if (!ENGINE_FILE.test(file)) throw new Problem("not_found");
  const stored = await c.env.ASSETS.fetch(new URL(`/playground/engine/${file}.br`, c.req.url));
  if (!stored.ok || !stored.body) throw new Problem("not_found");
  return new Response(stored.body, {
    // The bytes are brotli already; without this they would be compressed once more.
    encodeBody: "manual",
    headers: {
      "content-type": "application/wasm",
      "content-encoding": "br",
      // Named by content.
      "cache-control": "public, max-age=31536000, immutable",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
    },
  });
});

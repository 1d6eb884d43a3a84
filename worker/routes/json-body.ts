import type { z } from "@hono/zod-openapi";
import { readJsonBody } from "../body.ts";
import type { AppContext } from "../context.ts";
import { Problem } from "../problem.ts";

/** The body of a request as a schema wants it; a request without any counts as `{}`. Says where it is wrong, not what stood there. */
export async function jsonBody<Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const isEmpty = c.req.raw.body === null || c.req.header("content-length") === "0";
  const parsed = schema.safeParse(isEmpty ? {} : await readJsonBody(c.req.raw, false));
  if (parsed.success) return parsed.data;
  throw new Problem("query_invalid", {
    errors: parsed.error.issues.map(({ path }) => ({
      pointer: `/${path.map(String).join("/")}`,
      code: "query_invalid",
    })),
  });
}

import type { z } from "@hono/zod-openapi";
import { readJsonBody } from "../body.ts";
import type { AppContext } from "../context.ts";
import { Problem } from "../problem.ts";
import { findings } from "./query.ts";

/** The body of a request as a schema wants it. Says where it is wrong, not what stood there. */
export async function jsonBody<Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return asSchema(await readBody(c), schema);
}

/** The body of a request; one without any counts as `{}`. */
export async function readBody(c: AppContext): Promise<unknown> {
  const isEmpty = c.req.raw.body === null || c.req.header("content-length") === "0";
  return isEmpty ? {} : await readJsonBody(c.req.raw, false);
}

/** A body that was read, as a schema wants it. */
export function asSchema<Schema extends z.ZodType>(body: unknown, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Problem("query_invalid", {
    errors: findings(parsed.error.issues, "query_invalid"),
  });
}

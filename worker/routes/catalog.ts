import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { type CatalogPatch, decodeItem } from "../../collector/catalog/decode-item.ts";
import {
  CATALOG_CALL_ITEMS_MAX,
  CATALOG_LIMIT_DEFAULT,
  CATALOG_LIMIT_MAX,
  type CatalogReceipt,
} from "../../collector/event/catalog.ts";
import { ID_LENGTH_MAX } from "../../collector/event/limits.ts";
import { isObject, itemId } from "../../collector/ingest/fields.ts";
import { needs } from "../access.ts";
import { readJsonBody } from "../body.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { overloadedProblem, withRetry } from "../shards.ts";
import { sitePseudonym } from "../visitor.ts";
import { queryHook } from "./query.ts";

const Count = z.number().int();
/** Most errors that an answer lists; the others are only counted. */
const ERRORS_MAX = 100;

const ItemSchema = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    url: z.string().optional(),
    image: z.string().optional(),
    category: z.string().optional(),
    brand: z.string().optional(),
    priceMinor: Count.optional(),
    currency: z.string().optional(),
    availability: z.enum(["in_stock", "out_of_stock"]).optional(),
    hidden: z.boolean().optional(),
    tags: z.array(z.string()).optional(),
    addedAtMs: Count.optional(),
  })
  .openapi("CatalogItem");
const KnownSchema = ItemSchema.extend({
  backInStockAtMs: Count.optional(),
  deletedAtMs: Count.optional(),
});
const { id: Id, ...Fields } = ItemSchema.shape;
const PatchSchema = z.object({
  items: z
    .array(
      z.object({
        id: Id,
        ...nullable(Fields),
        price: z
          .union([z.number(), z.string()])
          .nullish()
          .openapi({ description: "In major units, in place of `priceMinor`" }),
        deleted: z.boolean().optional(),
      }),
    )
    .max(CATALOG_CALL_ITEMS_MAX)
    .openapi({ description: "What an item does not name stays, null takes a field back" }),
});

const postCatalog = createRoute({
  method: "post",
  path: "/v1/catalog",
  hide: true,
  summary: "What the shop says of its items",
  description:
    "Beats what events say, field by field. When it is answered, no list shows an item that it hid, deleted or called out of stock.",
  ...needs(["admin", "connector"], "catalog"),
  responses: {
    200: {
      description: "What was taken, and of each other item why it was not",
      content: {
        "application/json": {
          schema: z
            .object({
              changed: Count,
              unchanged: Count,
              refused: Count,
              version: Count,
              errors: z.array(z.object({ pointer: z.string(), code: z.string() })).optional(),
            })
            .openapi("CatalogReceipt"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

const getCatalog = createRoute({
  method: "get",
  path: "/v1/catalog",
  summary: "The shop's catalogue, page by page",
  ...needs(["read", "connector"], "catalog"),
  request: {
    query: z.object({
      after: z
        .string()
        .min(1)
        .max(ID_LENGTH_MAX)
        .optional()
        .openapi({ description: "`next` of the answer before" }),
      limit: z.coerce.number().int().min(1).max(CATALOG_LIMIT_MAX).default(CATALOG_LIMIT_DEFAULT),
    }),
  },
  responses: {
    200: {
      description: "Items in an order of their own",
      content: {
        "application/json": {
          schema: z
            .object({
              items: z.array(KnownSchema),
              total: Count.openapi({ description: "Deleted ones among them" }),
              version: Count,
              next: z.string().optional(),
            })
            .openapi("Catalog"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

/** `POST /v1/catalog`, `GET /v1/catalog`. */
export const catalogRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// The body is read with our own bounds, so the document describes it without validating.
catalogRoutes.openAPIRegistry.registerPath({
  ...postCatalog,
  request: { body: { required: true, content: { "application/json": { schema: PatchSchema } } } },
});

catalogRoutes.openapi(postCatalog, async (c) => {
  const { site } = c.get("holder");
  const errors: NonNullable<CatalogReceipt["errors"]> = [];
  const pseudonym = sitePseudonym(c, site);
  const patches: { patch: CatalogPatch; at: number }[] = [];
  for (const [at, input] of (await itemsOf(c)).entries()) {
    const read = decodeItem(input, Date.now(), (id) => itemId(id, pseudonym));
    if (read.ok) patches.push({ patch: read.value, at });
    else errors.push({ pointer: `/items/${at}${read.reason.pointer}`, code: read.reason.code });
  }
  const { outcomes, version, isTold } = await withRetry(() =>
    c.env.CATALOGS.getByName(site.id).write(
      patches.map(({ patch }) => patch),
      site.shards,
    ),
  );
  // Stored, but a shard has not heard: nothing is promised until the call is repeated.
  if (!isTold) throw overloadedProblem();
  for (const [n, outcome] of outcomes.entries())
    if (typeof outcome === "string") errors.push({ pointer: `/items/${patches[n]?.at}`, code: outcome });
  const receipt: CatalogReceipt = {
    changed: outcomes.filter((outcome) => outcome === true).length,
    unchanged: outcomes.filter((outcome) => outcome === false).length,
    refused: errors.length,
    version,
    ...(errors.length > 0 ? { errors: errors.slice(0, ERRORS_MAX) } : {}),
  };
  return c.json(receipt, 200);
});

catalogRoutes.openapi(getCatalog, async (c) => {
  const { site } = c.get("holder");
  const { after, limit } = c.req.valid("query");
  const page = await withRetry(() => c.env.CATALOGS.getByName(site.id).page(after, limit));
  return c.json(page, 200);
});

function nullable<Shape extends Record<string, z.ZodType>>(shape: Shape): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.nullish()]));
}

async function itemsOf(c: AppContext): Promise<unknown[]> {
  const body = await readJsonBody(c.req.raw, false);
  const items = isObject(body) ? body.items : undefined;
  if (Array.isArray(items) && items.length <= CATALOG_CALL_ITEMS_MAX) return items;
  throw new Problem("body_invalid", { errors: [{ pointer: "/items", code: "body_invalid" }] });
}

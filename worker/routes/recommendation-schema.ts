import { z } from "@hono/zod-openapi";
import { FRESHNESS_CLASSES } from "../../collector/event/freshness.ts";
import { ID_LENGTH_MAX } from "../../collector/event/limits.ts";
import { RECOMMENDATION_KINDS, RECOMMENDATION_REASONS } from "../../collector/event/recommendation.ts";
import { LABEL_LENGTH_MAX } from "../../collector/recommend/item-facts.ts";
import { CART_ITEMS_MAX, PLACEMENTS_MAX, RECOMMENDATIONS_MAX } from "../../collector/recommend/limits.ts";

export const RECENT_MAX = 50;
const LIMIT_DEFAULT = 20;

const IdText = z.string().min(1).max(ID_LENGTH_MAX);
/** As in events: text, or a number that is taken as text. */
export const Id = IdText.or(z.number().transform(String));

/** Ids in one parameter. */
export function idList(countMax: number, description: string) {
  return z
    .string()
    .max(countMax * (ID_LENGTH_MAX + 1))
    .transform((text) => text.split(",").filter((id) => id !== ""))
    .pipe(z.array(IdText).max(countMax))
    .optional()
    .openapi({ type: "string", description, example: "a,b" });
}

/** What one list is asked for, in a URL and in a body alike. */
export const LIST_FIELDS = {
  placement: Id.optional().openapi({ description: "Where the list is shown" }),
  kind: z
    .enum(RECOMMENDATION_KINDS)
    .optional()
    .openapi({ description: "Default: what the shop's rules say for the placement, else `session`" }),
  item: Id.optional().openapi({ description: "The item that the page shows, and that a list may be about" }),
  category: z.string().min(1).max(LABEL_LENGTH_MAX).optional().openapi({ description: "As events name it" }),
  region: z
    .string()
    .regex(/^(?:[A-Za-z]{2}|here)$/)
    .optional()
    .openapi({ description: "ISO 3166 country of the visitors, or `here`: that of the request" }),
};

export const Limit = { min: 1, max: RECOMMENDATIONS_MAX, default: LIMIT_DEFAULT };

export const PlacementsSchema = z.object({
  key: z.string().optional().openapi({ description: "The write key, where it is not in the URL" }),
  session: Id.optional(),
  visitor: Id.optional().openapi({ description: "As in the batches of this visitor" }),
  recent: z
    .array(Id)
    .max(RECENT_MAX)
    .optional()
    .openapi({ description: "Items of the session's last clicks, newest last" }),
  placements: z
    .array(
      z.object({
        ...LIST_FIELDS,
        placement: Id,
        limit: z.number().int().min(Limit.min).max(Limit.max).default(Limit.default),
        cart: z.array(Id).max(CART_ITEMS_MAX).optional(),
      }),
    )
    .min(1)
    .max(PLACEMENTS_MAX)
    .openapi({ description: "In order of precedence: an item is only in the first list that has it" }),
});

const ItemsSchema = z.array(
  z.object({
    id: z.string(),
    score: z.number(),
    reason: z.enum(RECOMMENDATION_REASONS),
    evidence: z
      .object({
        item: z.string().optional().openapi({ description: "The item that it was found by" }),
        sessions: z.number().int().optional().openapi({ description: "Sessions that had both" }),
        clicks: z.number().int().optional(),
        category: z.string().optional(),
        region: z.string().optional(),
        sinceMs: z.number().optional(),
      })
      .optional()
      .openapi({ description: "What speaks for it, as counts" }),
    name: z.string().optional(),
    url: z.string().optional(),
    image: z.string().optional(),
    priceMinor: z.number().int().optional(),
    currency: z.string().optional(),
  }),
);

const ListIdSchema = z.string().openapi({ description: "`itemListId` of the list's impressions and clicks" });

const ANSWER_FIELDS = {
  variant: z.enum(["model", "control"]).openapi({ description: "`control` is the hold-out group" }),
  model: z.string(),
  requestId: z.string(),
  refresh: z
    .object({ class: z.enum(FRESHNESS_CLASSES), afterMs: z.number().int() })
    .openapi({ description: "How fast the lists grow old, and when to ask again" }),
};

export const ListAnswerSchema = z
  .object({ items: ItemsSchema, listId: ListIdSchema, ...ANSWER_FIELDS })
  .openapi("Recommendations");

export const PlacementsAnswerSchema = z
  .object({
    placements: z.array(z.object({ placement: z.string(), items: ItemsSchema, listId: ListIdSchema })),
    ...ANSWER_FIELDS,
  })
  .openapi("PlacementRecommendations");

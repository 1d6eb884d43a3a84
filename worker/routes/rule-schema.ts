import { z } from "@hono/zod-openapi";
import { CURRENCY_EXPONENTS } from "../../collector/event/currencies.ts";
import { ID_LENGTH_MAX } from "../../collector/event/limits.ts";
import { VALUE_MINOR_MAX } from "../../collector/event/money.ts";
import { RECOMMENDATION_KINDS } from "../../collector/event/recommendation.ts";
import { WEEKDAYS } from "../../collector/event/rule-book.ts";
import { parseRfc3339Ms } from "../../collector/ingest/time.ts";
import { LABEL_LENGTH_MAX } from "../../collector/recommend/item-facts.ts";
import { RECOMMENDATIONS_MAX } from "../../collector/recommend/limits.ts";
import { isTimeZone } from "../../collector/recommend/rules/schedule.ts";

/** Bounds of a rule book, so that a list costs little whatever the rules are. */
const PLACEMENTS_MAX = 50;
const RULES_MAX = 30;
const PINS_MAX = 20;
const NAMES_MAX = 100;
const FACTOR_MAX = 1000;
const DAYS_MAX = 10_000;
/** UTF-16 units of the whole book as JSON: it travels to every shard and is part of its pages. */
export const RULE_BOOK_UNITS_MAX = 64_000;

const Labels = z.array(z.string().min(1).max(LABEL_LENGTH_MAX)).min(1).max(NAMES_MAX);
const Minor = z.number().int().min(0).max(VALUE_MINOR_MAX);
const Days = z.number().min(0).max(DAYS_MAX);
const Instant = z.string().refine((text) => parseRfc3339Ms(text) !== undefined);

const WhereSchema = z
  .strictObject({
    id: z.array(z.string().min(1).max(ID_LENGTH_MAX)).min(1).max(NAMES_MAX).optional(),
    category: Labels.optional(),
    brand: Labels.optional(),
    tag: Labels.optional(),
    price: z
      .strictObject({
        minMinor: Minor.optional(),
        maxMinor: Minor.optional(),
        currency: z.string().refine((currency) => CURRENCY_EXPONENTS.has(currency)),
      })
      .optional(),
    availability: z.enum(["in_stock", "out_of_stock", "unknown"]).optional(),
    ageDays: z.strictObject({ min: Days.optional(), max: Days.optional() }).optional(),
  })
  // A rule for everything is a mistake, and one that could empty every list.
  .refine((where) => Object.keys(where).length > 0)
  .openapi("RuleWhere", { description: "All that is named must hold; of a list one" });

const Wheres = z.array(WhereSchema).max(RULES_MAX).optional();
const Weighings = z
  .array(z.strictObject({ where: WhereSchema, by: z.number().gt(1).max(FACTOR_MAX) }))
  .max(RULES_MAX)
  .optional();

const RuleSetSchema = z
  .strictObject({
    kind: z
      .enum(RECOMMENDATION_KINDS)
      .optional()
      .openapi({ description: "What the placement asks for when its page does not say" }),
    exclude: Wheres,
    filter: Wheres.openapi({ description: "Only what fits one of them is shown" }),
    boost: Weighings.openapi({ description: "Scores are multiplied by `by`" }),
    bury: Weighings.openapi({ description: "Scores are divided by `by`" }),
    pin: z
      .array(
        z.strictObject({
          item: z.string().min(1).max(ID_LENGTH_MAX),
          at: z.number().int().min(1).max(RECOMMENDATIONS_MAX),
        }),
      )
      .max(PINS_MAX)
      .optional(),
    caps: z
      .array(
        z.strictObject({
          by: z.enum(["category", "brand"]),
          max: z.number().int().min(1).max(RECOMMENDATIONS_MAX),
        }),
      )
      .max(4)
      .optional(),
    schedule: z
      .strictObject({
        from: Instant.optional(),
        to: Instant.optional(),
        weekdays: z.array(z.enum(WEEKDAYS)).min(1).max(7).optional(),
        hours: z
          .strictObject({ from: z.number().min(0).lt(24), to: z.number().gt(0).max(24) })
          .optional()
          .openapi({ description: "Over midnight where `to` is not above `from`" }),
        timeZone: z.string().max(64).refine(isTimeZone).optional(),
      })
      .optional(),
  })
  .openapi("RuleSet");

export const RuleBookSchema = z
  .strictObject({
    version: z.number().int().min(0).optional().openapi({ description: "That it was made from" }),
    site: RuleSetSchema.optional(),
    placements: z
      .record(z.string().min(1).max(ID_LENGTH_MAX), RuleSetSchema)
      .refine((placements) => Object.keys(placements).length <= PLACEMENTS_MAX)
      .optional(),
  })
  .openapi("RuleBook");

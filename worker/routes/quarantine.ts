import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { jsonPointer } from "../../collector/event/json-pointer.ts";
import { DROP_REASON_LENGTH_MAX } from "../../collector/event/limits.ts";
import type { DropOutcome, QuarantineEntry, ReplayOutcome } from "../../collector/event/quarantine.ts";
import { placeId } from "../../collector/ingest/fields.ts";
import { cleanText } from "../../collector/ingest/text.ts";
import { formatQuarantineId, parseQuarantineId, type QuarantineId } from "../../collector/quarantine/id.ts";
import { quarantinePage } from "../../collector/quarantine/page.ts";
import type { Quarantined } from "../../collector/quarantine/quarantine.ts";
import { decodeReplay, type QuarantineEdit } from "../../collector/quarantine/replay.ts";
import { addTallies } from "../../collector/quarantine/tally.ts";
import type { ShardReplay } from "../../collector/shard/durable-shard.ts";
import { readJsonBody } from "../body.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { Problem } from "../problem.ts";
import { callEveryShard, callShardNumber, overloadedProblem } from "../shards.ts";
import type { Site } from "../sites.ts";
import { sitePseudonym } from "../visitor.ts";
import { DropSchema, getQuarantine, postDrop, postReplay, ReplaySchema } from "./quarantine-contract.ts";
import { formatCursor } from "./quarantine-cursor.ts";
import { findings, queryHook, queryInvalid } from "./query.ts";

/** `/v1/quarantine`, and what can be done with what is in it. */
export const quarantineRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// Bodies are read with our own bounds, so the documents describe them without validating.
for (const [route, schema] of [
  [postReplay, ReplaySchema],
  [postDrop, DropSchema],
] as const)
  quarantineRoutes.openAPIRegistry.registerPath({
    ...route,
    request: { body: { required: true, content: { "application/json": { schema } } } },
  });

quarantineRoutes.openapi(getQuarantine, async (c) => {
  const { site } = c.get("holder");
  const { limit, before: cursor = [], from, to, session, ...filters } = c.req.valid("query");
  const place = session === undefined ? undefined : placeId(session, sitePseudonym(c, site));
  if (session !== undefined && place === undefined) throw queryInvalid("/query/session");
  const filter = { ...filters, ...(place === undefined ? {} : { session: place }) };
  const pages = await callEveryShard(c.env, site, (shard, number) =>
    shard.quarantine({ limit, ...filter, before: cursor[number], fromMs: from, toMs: to }),
  );
  const { rows, next } = quarantinePage(pages, cursor, limit);
  const counts = pages.map(({ open, evicted, dropped, erased }) => ({ open, evicted, dropped, erased }));
  return c.json(
    {
      site: site.id,
      rows: rows.map(({ shard, row }) => entryOf(shard, row)),
      ...(next === undefined ? {} : { next: formatCursor(next) }),
      ...counts.reduce(addTallies),
    },
    200,
  );
});

quarantineRoutes.openapi(postReplay, async (c) => {
  const { site } = c.get("holder");
  const { ids, edits = {}, fixes } = await readBody(c, ReplaySchema);
  const unused = Object.keys(edits).find((id) => !ids.includes(id));
  // A slip of the pen, which would otherwise replay the event as it is.
  if (unused !== undefined)
    throw bodyInvalid([{ pointer: jsonPointer(["edits", unused]), code: "body_invalid" }]);
  const nowMs = Date.now();
  const pseudonym = sitePseudonym(c, site);
  const results = await byShard(site, ids, async (number, asked) => {
    const kept = await callShardNumber(c.env, site, number, (shard) => shard.quarantined(asked));
    const outcomes = new Map<string, ReplayOutcome>();
    const replays = asked.flatMap((place, at) => {
      const id = formatQuarantineId(place);
      const row = kept[at];
      const settled = row === undefined ? "unknown" : closedOutcome(row);
      if (row === undefined || settled !== undefined) {
        outcomes.set(id, { id, outcome: settled ?? "unknown" });
        return [];
      }
      const edit = Object.hasOwn(edits, id) ? (edits[id] as QuarantineEdit) : undefined;
      const context = { site: site.id, id, nowMs, fixes: { ...site.fixes, ...fixes }, pseudonym };
      const batch = decodeReplay(row, edit, context);
      if (batch.ok) return [{ id: place, batch: batch.value }];
      const { reason } = batch;
      outcomes.set(id, reason === "cut" ? { id, outcome: "cut" } : { id, outcome: "rejected", ...reason });
      return [];
    });
    if (replays.length > 0) {
      const answers = await callShardNumber(c.env, site, number, (shard) => shard.replay(replays));
      for (const [at, { id: place }] of replays.entries()) {
        const id = formatQuarantineId(place);
        outcomes.set(id, replayOutcome(id, answers[at] as ShardReplay));
      }
    }
    return outcomes;
  });
  return c.json({ results }, 200);
});

quarantineRoutes.openapi(postDrop, async (c) => {
  const { site } = c.get("holder");
  const { ids, reason } = await readBody(c, DropSchema);
  const text = cleanText(reason, DROP_REASON_LENGTH_MAX, () => {});
  const results = await byShard(site, ids, async (number, asked) => {
    const outcomes = await callShardNumber(c.env, site, number, (shard) =>
      shard.dropQuarantined(asked, text),
    );
    return new Map(
      asked.map((place, at): [string, DropOutcome] => {
        const id = formatQuarantineId(place);
        return [id, { id, outcome: outcomes[at] ?? "unknown" }];
      }),
    );
  });
  return c.json({ results }, 200);
});

/** Asks each shard about its ids. One result for each id, in the order of the ids, also of one that stands twice. */
async function byShard<Outcome extends { id: string }>(
  site: Site,
  ids: readonly string[],
  ask: (number: number, ids: QuarantineId[]) => Promise<Map<string, Outcome>>,
): Promise<(Outcome | { id: string; outcome: "unknown" })[]> {
  const shards = new Map<number, QuarantineId[]>();
  for (const id of new Set(ids)) {
    const place = parseQuarantineId(id);
    // An object that is none of the site's shards must not be made by asking for it.
    if (place && place.shard < site.shards)
      shards.set(place.shard, [...(shards.get(place.shard) ?? []), place]);
  }
  const answers = await Promise.all([...shards].map(([number, places]) => ask(number, places)));
  const outcomes = new Map(answers.flatMap((answer) => [...answer]));
  return ids.map((id) => outcomes.get(id) ?? { id, outcome: "unknown" });
}

function closedOutcome({ reject: { closed } }: Quarantined): "duplicate" | "dropped" | undefined {
  return closed && (closed.state === "replayed" ? "duplicate" : "dropped");
}

function replayOutcome(id: string, answer: ShardReplay): ReplayOutcome {
  if (typeof answer === "string") return { id, outcome: answer };
  // What was replayed before stays; the whole call can be repeated.
  if ("overloaded" in answer) throw overloadedProblem(answer.retryAfterMs);
  if (answer.accepted === 1) return { id, outcome: "replayed", receipt: answer.receipt };
  if (answer.duplicate === 1) return { id, outcome: "duplicate" };
  const { code, pointer } = answer.errors?.[0] ?? { code: "internal", pointer: "" };
  // Set aside by the shard, which could not count it: it is in the quarantine again, under an id of its own.
  if (answer.quarantined === 1) return { id, outcome: "rejected", code, pointer };
  return { id, outcome: "refused", code };
}

function entryOf(shard: number, row: Quarantined): QuarantineEntry {
  const { lsn, index, receivedAtMs, source, session, stream, reject } = row;
  const { seq, code, pointer, payload, cut, closed } = reject;
  return {
    id: formatQuarantineId({ shard, lsn, index }),
    state: closed?.state ?? "open",
    shard,
    receivedAtMs,
    source,
    session,
    stream,
    seq,
    code,
    pointer,
    payload,
    ...(cut === undefined ? {} : { cut }),
    ...(closed === undefined ? {} : { closedAtMs: closed.atMs }),
    ...(closed?.edited === undefined ? {} : { edited: closed.edited }),
    ...(closed?.reason === undefined ? {} : { reason: closed.reason }),
  };
}

async function readBody<Schema extends z.ZodType>(c: AppContext, schema: Schema): Promise<z.output<Schema>> {
  const body = await readJsonBody(c.req.raw, c.req.header("content-encoding") === "gzip");
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw bodyInvalid(findings(parsed.error.issues, "body_invalid"));
}

function bodyInvalid(errors: { pointer: string; code: string }[]): Problem {
  return new Problem("body_invalid", { errors });
}

import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { FIXES_MAX, MASK_LOOKS_MAX } from "../event/limits.ts";
import { QUARANTINE_SOURCE, QUARANTINE_STREAM_PREFIX } from "../event/quarantine.ts";
import type { Finding } from "../event/reject.ts";
import { fail, ok, type Result } from "../event/result.ts";
import { decodeEvent } from "../ingest/decode-event.ts";
import type { Pseudonym } from "../ingest/fields.ts";
import type { FixSwitches } from "../ingest/fix-rules.ts";
import { MASK } from "../ingest/privacy/span.ts";
import { mergePatch } from "./merge-patch.ts";
import { EDITED_FIX, type Quarantined } from "./quarantine.ts";

/** What somebody makes of a rejected event: another one, or a JSON merge patch (RFC 7396) of its payload. */
export type QuarantineEdit = { event: unknown } | { patch: unknown };

export interface ReplayContext {
  site: string;
  /** `<shard>-<lsn>-<index>`. */
  id: string;
  nowMs: number;
  fixes?: FixSwitches;
  pseudonym?: Pseudonym;
}

/**
 * A rejected event as a batch of its own, decoded as it would have been when it came: by the clocks of then, with
 * the page and the person of then. It is a new arrival under a source and a stream that only replays have.
 */
export function decodeReplay(
  kept: Quarantined,
  edit: QuarantineEdit | undefined,
  at: ReplayContext,
): Result<EventBatch, Finding | "cut"> {
  const isWhole = edit !== undefined && "event" in edit;
  if (kept.reject.cut && !isWhole) return fail("cut");
  const raw = edited(kept.reject.payload, edit);
  const decoded = decodeEvent(raw, 0, "", {
    ...(kept.defaults ?? { skewMs: 0 }),
    receivedAtMs: kept.receivedAtMs,
    work: { looksLeft: MASK_LOOKS_MAX },
    ...(at.fixes === undefined ? {} : { fixes: at.fixes }),
    ...(at.pseudonym === undefined ? {} : { pseudonym: at.pseudonym }),
  });
  if (!decoded.ok) return fail({ pointer: decoded.reason.pointer, code: decoded.reason.code });
  const event = decoded.value;
  const masked = maskedId(event);
  if (masked !== undefined) return fail({ pointer: masked, code: "id_invalid" });
  // First, so that they are there however much else was corrected.
  const fixes = ["event:replayed", ...(edit === undefined ? [] : [EDITED_FIX]), ...(event.fixes ?? [])];
  event.fixes = fixes.slice(0, FIXES_MAX);
  event.originals = { "/source": kept.source, ...event.originals };
  const { session, visitor, user, country, device, language } = kept;
  return ok({
    site: at.site,
    source: QUARANTINE_SOURCE,
    session,
    stream: `${QUARANTINE_STREAM_PREFIX}${at.id}`,
    seq: 0,
    count: 1,
    visitor,
    ...(user === undefined ? {} : { user }),
    receivedAtMs: at.nowMs,
    ...(country === undefined ? {} : { country }),
    ...(device === undefined ? {} : { device }),
    ...(language === undefined ? {} : { language }),
    events: [event],
    rejects: [],
  });
}

function edited(payload: string, edit: QuarantineEdit | undefined): unknown {
  if (edit !== undefined && "event" in edit) return edit.event;
  const event: unknown = JSON.parse(payload);
  return edit === undefined ? event : mergePatch(event, edit.patch);
}

/**
 * An id whose private part was masked before it was kept: many have become the same, so none may be counted under
 * it. One that was masked just now has a pseudonym of its own.
 */
function maskedId({ orderId, items, itemListId, fixes }: TidemarkEvent): string | undefined {
  const isLost = (id: string | undefined, name: string): boolean =>
    id?.includes(MASK) === true && !fixes?.includes(`${name}:masked`);
  if (isLost(orderId, "transactionId")) return "/transactionId";
  if (isLost(itemListId, "itemListId")) return "/itemListId";
  const at = items?.findIndex(({ itemId }) => isLost(itemId, "itemId")) ?? -1;
  return at === -1 ? undefined : `/items/${at}/itemId`;
}

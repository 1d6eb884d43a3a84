import type { LakePart } from "../../collector/event/lake.ts";
import { readPartKey } from "../../collector/lake/part-key.ts";
import { DAY_MS, HOUR_MS } from "../../collector/stream/pane.ts";
import type { Range } from "./api.ts";
import type { Extent, LakeCopy } from "./lake-copy.ts";

/** Streams are taken up to 30 days after their birth, so a page's second claim of an order comes no later. */
const LOOK_BACK_MS = 31 * DAY_MS;
/** What is older is read as well as long as it is no more than this, so that most shops have no first claim left out. */
const LOOK_BACK_BYTES_FREE = 64 * 1024 * 1024;
/** Parts of other days are read for what was received on this one, up to this much. */
const RECEIPT_BYTES_MAX = 256 * 1024 * 1024;
/** A shard takes batches in nearly the order of their receipt; edges' clocks differ by less than this. */
const RECEIPT_MARGIN_MS = HOUR_MS;

export interface Wanted {
  part: LakePart;
  extent: Extent;
}

/** The parts of a range, and those before it that may hold the first claim of an order. */
export interface Selection {
  wanted: Wanted[];
  /** Parts that are older than what is looked back to; the first claim of an order may be in one. */
  isCutShort: boolean;
}

/** @param lookBackMs - how long before the range an order may have been claimed first; undefined: as far as is cheap */
export function selectParts(parts: readonly LakePart[], range: Range, lookBackMs?: number): Selection {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = range;
  const firstHourMs = fromMs - (fromMs % HOUR_MS);
  const lookFromMs = fromMs - (lookBackMs ?? LOOK_BACK_MS);
  const wanted: Wanted[] = [];
  let bytesLeft = lookBackMs === undefined ? LOOK_BACK_BYTES_FREE : 0;
  let isCutShort = false;
  for (const part of [...parts].sort((a, b) => hourMs(b) - hourMs(a))) {
    if (hourMs(part) >= toMs) continue;
    if (hourMs(part) >= firstHourMs) wanted.push({ part, extent: "rows" });
    else {
      bytesLeft -= part.bytes;
      if (hourMs(part) + HOUR_MS > lookFromMs || bytesLeft >= 0) wanted.push({ part, extent: "claims" });
      else isCutShort = true;
    }
  }
  return { wanted, isCutShort };
}

/**
 * Parts of other days that may hold events received in the range. Nothing in a part's name says when its events
 * were received, but a shard's positions rise with the time of receipt: what was read so far says which positions
 * are surely before and surely after the range.
 *
 * @returns undefined when they are too much to read
 */
export async function receiptParts(
  copy: LakeCopy,
  parts: readonly LakePart[],
  { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: Range,
): Promise<Wanted[] | undefined> {
  const bounds = new Map<string, { after: number; before: number }>();
  for (const { life, after, before } of await copy.rows<{ life: string; after: string; before: string }>(
    `SELECT shard || '-' || epoch AS life,
       coalesce(max(last_lsn) FILTER (hour_ms + ${HOUR_MS + RECEIPT_MARGIN_MS} <= ${fromMs}), 0) AS after,
       coalesce(min(first_lsn) FILTER (hour_ms >= ${toMs + RECEIPT_MARGIN_MS}), ${Number.MAX_SAFE_INTEGER}) AS before
     FROM receipts GROUP BY life`,
  ))
    bounds.set(life, { after: Number(after), before: Number(before) });
  const found = parts.filter((part) => {
    const place = readPartKey(part.key);
    const { after, before } = bounds.get(`${place?.shard}-${place?.epoch}`) ?? { after: 0, before: Infinity };
    return part.lastLsn > after && part.firstLsn < before && !copy.has(part.key);
  });
  if (found.reduce((sum, { bytes }) => sum + bytes, 0) > RECEIPT_BYTES_MAX) return undefined;
  return found.map((part) => ({ part, extent: "receipts" }));
}

function hourMs(part: LakePart): number {
  return Date.parse(part.hour);
}

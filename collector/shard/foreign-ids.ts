import type { TidemarkEvent } from "../event/event.ts";
import { FOREIGN_ID_KEEP_MS } from "../event/limits.ts";
import type { Reject } from "../event/reject.ts";
import { IdWindow } from "../store/id-window.ts";
import type { Page } from "../store/page.ts";
import type { Intake, JournalBatch } from "./journal.ts";

/** Ids of a page, and pages: 4 million ids of seven days a shard, 17 MB in memory. */
const IDS_PER_PAGE = 16_384;
const ID_PAGES_MAX = 256;

/** The ids of events that came with one of their own. */
export function foreignIds(
  pages: Iterable<Page>,
  readPage: (key: string) => Uint8Array | undefined,
  generationsMax: number = ID_PAGES_MAX,
): IdWindow {
  return new IdWindow(
    { generationSize: IDS_PER_PAGE, generationsMax, keepMs: FOREIGN_ID_KEEP_MS },
    pages,
    readPage,
  );
}

/** Tells the new from the known, also within the batch. A rejected event uses up its id as an accepted one does. */
export function decideForeign(batch: Intake, ids: readonly string[], known: IdWindow): JournalBatch {
  // All or nothing: what is refused may come again, and then its neighbours are known.
  if (known.isFull) return { ...batch, events: [], rejects: [], duplicate: 0, refused: batch.count };
  const elsewhere = new Set(batch.imported?.ids);
  const seen = new Set<string>();
  const isFirst = new Set<number>();
  for (let seq = 0; seq < ids.length; seq++) {
    const id = ids[seq] as string;
    if (seen.has(id)) continue;
    seen.add(id);
    if (!elsewhere.has(id) && !known.has(id)) isFirst.add(seq);
  }
  const isNew = ({ seq }: TidemarkEvent | Reject): boolean => isFirst.has(seq);
  const events = batch.events.filter(isNew);
  const rejects = batch.rejects.filter(isNew);
  const duplicate = batch.events.length - events.length + (batch.rejects.length - rejects.length);
  return { ...batch, events, rejects, duplicate, refused: 0 };
}

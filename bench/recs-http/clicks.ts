import { readSessionFile } from "../recs/session-file.ts";

export interface ShopClick {
  session: string;
  item: string;
}

const CATEGORIES = 200;
const ITEMS_PER_CATEGORY = 50;
const ACTIVE_SESSIONS = 100;
const CLICKS_MAX = 12;

/** Clicks of a session file in the order of time, then for ever those of a made-up shop; or only the latter. */
export async function* shopClicks(
  file: string | undefined,
  random: () => number,
): AsyncGenerator<ShopClick, never> {
  if (file !== undefined) {
    const rows = await readSessionFile(file, Number.POSITIVE_INFINITY);
    rows.sort((a, b) => a.atMs - b.atMs);
    for (const { session, item } of rows) yield { session: `file-${session}`, item };
  }
  const active: { session: string; category: number; left: number }[] = [];
  for (let begun = 0; ; ) {
    while (active.length < ACTIVE_SESSIONS) {
      active.push({
        session: `made-${begun++}`,
        category: Math.floor(random() ** 2 * CATEGORIES),
        left: 1 + Math.floor(random() * CLICKS_MAX),
      });
    }
    const at = Math.floor(random() * active.length);
    const visit = active[at] as (typeof active)[number];
    yield {
      session: visit.session,
      item: `sku-${visit.category}-${Math.floor(random() ** 2 * ITEMS_PER_CATEGORY)}`,
    };
    if (--visit.left === 0) active.splice(at, 1);
  }
}

/** A place in a shard's quarantine: page from what is older than it. `{id: 0, index: 0}` has nothing older. */
export interface QuarantinePlace {
  id: number;
  index: number;
}

interface Placed extends QuarantinePlace {
  receivedAtMs: number;
}

/** Some rows of a shard, newest first. */
export interface ShardPage<Row extends Placed> {
  rows: Row[];
  /** Where the shard's next page begins; absent when there is nothing older. */
  next?: QuarantinePlace;
}

/** How far a reader has come in each shard; undefined = not begun. */
export type QuarantineCursor = (QuarantinePlace | undefined)[];

const END: QuarantinePlace = { id: 0, index: 0 };

/**
 * One page over all shards, newest first. What is taken of a shard is always the newest that it gave, so the
 * cursor is one place a shard, and no row is lost or repeated at the edge of a page, whatever arrives meanwhile.
 */
export function quarantinePage<Row extends Placed>(
  pages: readonly ShardPage<Row>[],
  cursor: QuarantineCursor,
  limit: number,
): { rows: { shard: number; row: Row }[]; next?: QuarantineCursor } {
  const taken = pages.map(() => 0);
  const rows: { shard: number; row: Row }[] = [];
  while (rows.length < limit) {
    const shard = newestShard(pages, taken);
    if (shard === undefined) break;
    const row = pages[shard]?.rows[taken[shard] as number] as Row;
    rows.push({ shard, row });
    taken[shard] = (taken[shard] as number) + 1;
  }
  const next = pages.map((page, shard) => placeAfter(page, taken[shard] as number, cursor[shard]));
  const isDone = next.every((place) => place?.id === END.id);
  return isDone ? { rows } : { rows, next };
}

/** Undefined when a shard that has more to say has run out: what the others have may be older than that. */
function newestShard(pages: readonly ShardPage<Placed>[], taken: number[]): number | undefined {
  let newest: number | undefined;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const [shard, { rows, next }] of pages.entries()) {
    const row = rows[taken[shard] as number];
    if (!row && next) return undefined;
    if (!row || row.receivedAtMs <= newestMs) continue;
    newest = shard;
    newestMs = row.receivedAtMs;
  }
  return newest;
}

function placeAfter(
  { rows, next }: ShardPage<Placed>,
  taken: number,
  before: QuarantinePlace | undefined,
): QuarantinePlace | undefined {
  if (taken === rows.length) return next ?? END;
  const last = rows[taken - 1];
  return last ? { id: last.id, index: last.index } : before;
}

import type { LakePart } from "../event/lake.ts";
import { bySpan, type PartPlace, readPartKey } from "./part-key.ts";

/** Parts that are read into memory for one compacted part. */
const RUN_PARTS_MAX = 64;

/**
 * Which parts of an hour should become one: the longest run of neighbours of one life that fit together, of equally
 * long ones that with the fewest rows. Undefined when no two neighbours fit.
 */
export function compactionRun(parts: readonly LakePart[], rowsMax: number): LakePart[] | undefined {
  const placed = parts
    .map((part) => ({ part, place: readPartKey(part.key) as PartPlace }))
    .sort((a, b) => bySpan(a.place, b.place));
  let best: LakePart[] = [];
  let bestRows = 0;
  for (let first = 0; first < placed.length; first++) {
    const epoch = placed[first]?.place.epoch;
    const run: LakePart[] = [];
    let rows = 0;
    for (const { part, place } of placed.slice(first, first + RUN_PARTS_MAX)) {
      if (place.epoch !== epoch || rows + part.rows > rowsMax) break;
      run.push(part);
      rows += part.rows;
    }
    if (run.length > best.length || (run.length === best.length && rows < bestRows)) {
      best = run;
      bestRows = rows;
    }
  }
  return best.length > 1 ? best : undefined;
}

/** Where the part of a run is: it holds the records from the first of them to the last. */
export function compactedPlace(run: readonly LakePart[]): PartPlace {
  const places = run.map(({ key }) => readPartKey(key) as PartPlace);
  return {
    ...(places[0] as PartPlace),
    firstLsn: Math.min(...places.map(({ firstLsn }) => firstLsn)),
    lastLsn: Math.max(...places.map(({ lastLsn }) => lastLsn)),
    generation: 0,
  };
}

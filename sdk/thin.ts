import { LANES, laneOf } from "../collector/event/lane.ts";

/** One entry of the log, on the disk or in the outbox. */
export interface Segment {
  name: string;
  text: string;
}

/** What is left of segments, one of the list each, and how many events were given up. */
export interface Thinned {
  runs: Segment[];
  dropped: number;
}

/** A segment without some of its events. The others keep their `seq`, so it may fall into several. */
export function thin(segment: Segment, isKept: (name: string) => boolean): Thinned {
  const [head, ...lines] = segment.text.split("\n") as [string, ...string[]];
  const [prefix, stream, first] = segment.name.split(":") as [string, string, string];
  const runs: Segment[] = [];
  let dropped = 0;
  let isNewRun = true;
  for (const [index, line] of lines.entries()) {
    if (!isKept(eventName(line))) {
      dropped++;
      isNewRun = true;
      continue;
    }
    if (isNewRun) runs.push({ name: `${prefix}:${stream}:${Number(first) + index}`, text: head });
    isNewRun = false;
    (runs.at(-1) as Segment).text += `\n${line}`;
  }
  return { runs, dropped };
}

/**
 * What to give up so that segments, oldest first, have no more characters than this: metrics before logs before views,
 * orders last, and of each the oldest first.
 *
 * @returns by index, the segments that change
 */
export function evict(segments: readonly Segment[], charsMax: number): Map<number, Thinned> {
  const changed = new Map<number, Thinned>();
  let over = totalChars(segments) - charsMax;
  for (const lane of LANES)
    for (const [at, segment] of segments.entries()) {
      if (over <= 0) return changed;
      const before = changed.get(at) ?? { runs: [segment], dropped: 0 };
      const thinned = before.runs.map((run) => thin(run, (name) => laneOf(name) !== lane));
      const dropped = thinned.reduce((sum, one) => sum + one.dropped, 0);
      if (dropped === 0) continue;
      const runs = thinned.flatMap((one) => one.runs);
      over += totalChars(runs) - totalChars(before.runs);
      changed.set(at, { runs, dropped: before.dropped + dropped });
    }
  return changed;
}

export function totalChars(segments: readonly Segment[]): number {
  return segments.reduce((chars, segment) => chars + segment.text.length, 0);
}

/** The tracker writes name and time last, unless the page gave parameters of these names. */
function eventName(line: string): string {
  return (
    /"name":"([^"\\]*)","occurredAtMs":\d+\}$/.exec(line)?.[1] ??
    String((JSON.parse(line) as { name: unknown }).name)
  );
}

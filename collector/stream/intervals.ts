/** Sorted, disjoint, non-adjacent ranges with inclusive ends, flat: [first, last, first, last, …]. */
export type Intervals = number[];

export function hasPosition(intervals: Intervals, position: number): boolean {
  let low = 0;
  let high = intervals.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (position < (intervals[2 * middle] as number)) high = middle - 1;
    else if (position > (intervals[2 * middle + 1] as number)) low = middle + 1;
    else return true;
  }
  return false;
}

/** The same set with [first, last] added. */
export function addRange(intervals: Intervals, first: number, last: number): Intervals {
  const length = intervals.length;
  if (length === 0) return [first, last];
  // Batches of a stream arrive in order almost always, so the end is tried first.
  if (first === (intervals[length - 1] as number) + 1) {
    const grown = intervals.slice();
    grown[length - 1] = last;
    return grown;
  }
  const merged: Intervals = [];
  let from = first;
  let to = last;
  let placed = false;
  for (let at = 0; at < length; at += 2) {
    const left = intervals[at] as number;
    const right = intervals[at + 1] as number;
    if (right < from - 1) merged.push(left, right);
    else if (left > to + 1) {
      if (!placed) merged.push(from, to);
      placed = true;
      merged.push(left, right);
    } else {
      from = Math.min(from, left);
      to = Math.max(to, right);
    }
  }
  if (!placed) merged.push(from, to);
  return merged;
}

/** The union of two sets. */
export function addRanges(intervals: Intervals, ranges: Intervals): Intervals {
  let union = intervals;
  for (let at = 0; at < ranges.length; at += 2)
    union = addRange(union, ranges[at] as number, ranges[at + 1] as number);
  return union;
}

/** As pairs, for those who read it. */
export function pairsOf(intervals: Intervals): [first: number, last: number][] {
  return Array.from({ length: intervals.length / 2 }, (_, at) => [
    intervals[2 * at] as number,
    intervals[2 * at + 1] as number,
  ]);
}

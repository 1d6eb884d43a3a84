import type { QuarantineCounts } from "../event/quarantine.ts";

/** Reasons that are counted by themselves; further ones share "other". */
export const DROP_REASONS_MAX = 64;

/** What left the quarantine without being counted elsewhere. Plain JSON; a few rows at most, whatever left. */
export type QuarantineTally = Omit<QuarantineCounts, "open">;

export const NOTHING_LEFT: QuarantineTally = { evicted: {}, dropped: [], erased: 0 };

export function countEvicted(tally: QuarantineTally, codes: readonly string[]): QuarantineTally {
  const evicted = { ...tally.evicted };
  for (const code of codes) evicted[code] = (evicted[code] ?? 0) + 1;
  return { ...tally, evicted };
}

export function countDropped(
  tally: QuarantineTally,
  codes: readonly string[],
  reason: string,
): QuarantineTally {
  const dropped = tally.dropped.map((line) => ({ ...line }));
  for (const code of codes) addDropped(dropped, code, reason, 1);
  return { ...tally, dropped };
}

/** Of several shards, for a site. */
export function addTallies(a: QuarantineCounts, b: QuarantineCounts): QuarantineCounts {
  const evicted = { ...a.evicted };
  for (const [code, count] of Object.entries(b.evicted)) evicted[code] = (evicted[code] ?? 0) + count;
  const dropped = a.dropped.map((line) => ({ ...line }));
  for (const { code, reason, count } of b.dropped) addDropped(dropped, code, reason, count);
  return { open: a.open + b.open, evicted, dropped, erased: a.erased + b.erased };
}

function addDropped(lines: QuarantineTally["dropped"], code: string, reason: string, count: number): void {
  const find = (name: string) => lines.find((line) => line.code === code && line.reason === name);
  const line = find(reason) ?? (lines.length >= DROP_REASONS_MAX ? find("other") : undefined);
  if (line) line.count += count;
  else lines.push({ code, reason: lines.length >= DROP_REASONS_MAX ? "other" : reason, count });
}

/** What the range picker offers; `custom` takes its two ends from the form. */
export const RANGES = [
  { id: "1h", label: "Last hour", spanMs: 3_600_000 },
  { id: "24h", label: "Last 24 hours", spanMs: 24 * 3_600_000 },
  { id: "today", label: "Today (UTC)" },
  { id: "7d", label: "Last 7 days", spanMs: 7 * 24 * 3_600_000 },
  { id: "all", label: "All" },
  { id: "custom", label: "Custom" },
] as const;

export type RangeId = (typeof RANGES)[number]["id"];

/** From included, to excluded, ms since epoch; without an end it is open there. */
export interface TimeRange {
  fromMs?: number;
  toMs?: number;
}

const DAY_MS = 24 * 3_600_000;

/** The range that a choice means at `nowMs`. All but `custom` are open to the future. */
export function rangeOf(id: RangeId, nowMs: number, custom: TimeRange = {}): TimeRange {
  if (id === "custom") return custom;
  if (id === "all") return {};
  if (id === "today") return { fromMs: Math.floor(nowMs / DAY_MS) * DAY_MS };
  const range = RANGES.find((candidate) => candidate.id === id);
  return range && "spanMs" in range ? { fromMs: nowMs - range.spanMs } : {};
}

/** The value of a `datetime-local` field, read as UTC; undefined when it is empty or not a time. */
export function parseUtcField(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined;
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

export function toUtcField(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

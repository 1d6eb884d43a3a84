import type { LiveMessage } from "../../collector/event/live.ts";
import { MINUTES_MAX } from "./live-message.ts";

const MINUTE_MS = 60_000;

export interface MinuteSeries {
  startMs: number[];
  pv: number[];
  uv: number[];
  /** The highest full minute or the running one, whichever is higher; null while all is zero. */
  high: { pv: number; startMs: number } | null;
}

/**
 * Exactly 30 minutes, oldest first, quiet ones filled with zero. The last one is the minute of `atMs`,
 * still running; when the data is older (a replayed day), the last one is the newest minute with data.
 */
export function minuteSeries({ minutes, atMs }: Pick<LiveMessage, "minutes" | "atMs">): MinuteSeries {
  const byStart = new Map(minutes.map((minute) => [minute.startMs, minute]));
  const currentMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  const newestMs = minutes.reduce((newest, { startMs }) => Math.max(newest, startMs), 0);
  const isRecent = newestMs === 0 || Math.abs(currentMs - newestMs) < MINUTES_MAX * MINUTE_MS;
  const lastMs = isRecent ? Math.max(currentMs, newestMs) : newestMs;

  const series: MinuteSeries = { startMs: [], pv: [], uv: [], high: null };
  for (let at = MINUTES_MAX - 1; at >= 0; at--) {
    const startMs = lastMs - at * MINUTE_MS;
    const pv = byStart.get(startMs)?.pv ?? 0;
    series.startMs.push(startMs);
    series.pv.push(pv);
    series.uv.push(byStart.get(startMs)?.uv ?? 0);
    if (pv > (series.high?.pv ?? 0)) series.high = { pv, startMs };
  }
  return series;
}

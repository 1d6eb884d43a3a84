import { civilHour } from "../lake/civil-hour.ts";

/** A moment as RFC 3339 in UTC with milliseconds: `2026-11-21T09:05:00.000Z`. */
export function rfc3339(atMs: number): string {
  const { day, hour, startMs } = civilHour(atMs);
  const rest = Math.floor(atMs - startMs);
  const pad = (value: number, length: number): string => String(value).padStart(length, "0");
  const minute = Math.floor(rest / 60_000);
  const second = Math.floor((rest % 60_000) / 1000);
  return `${day}T${hour}:${pad(minute, 2)}:${pad(second, 2)}.${pad(rest % 1000, 3)}Z`;
}

import { type Schedule, WEEKDAYS, type Weekday } from "../../event/rule-book.ts";
import { parseRfc3339Ms } from "../../ingest/time.ts";

/** Whether a set of rules is in force at a moment. */
export function isInForce(schedule: Schedule | undefined, nowMs: number): boolean {
  if (!schedule) return true;
  const { from, to, weekdays, hours, timeZone } = schedule;
  if (from !== undefined && nowMs < (parseRfc3339Ms(from) ?? Number.POSITIVE_INFINITY)) return false;
  if (to !== undefined && nowMs >= (parseRfc3339Ms(to) ?? Number.NEGATIVE_INFINITY)) return false;
  if (!weekdays && !hours) return true;
  const { weekday, hour } = localTime(nowMs, timeZone ?? "UTC");
  if (!hours) return weekdays?.includes(weekday) ?? true;
  const isOvernight = hours.to <= hours.from;
  const isInHours = isOvernight
    ? hour >= hours.from || hour < hours.to
    : hour >= hours.from && hour < hours.to;
  // Hours over midnight belong to the day on which they began.
  const day = isOvernight && hour < hours.to ? dayBefore(weekday) : weekday;
  return isInHours && (weekdays?.includes(day) ?? true);
}

/** Whether the name of a time zone is one. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function localTime(nowMs: number, timeZone: string): { weekday: Weekday; hour: number } {
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone, weekday: "short", hourCycle: "h23" },
    ...{ hour: "2-digit", minute: "2-digit" },
  });
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const weekday = (parts.get("weekday") ?? "").toLowerCase() as Weekday;
  return { weekday, hour: Number(parts.get("hour")) + Number(parts.get("minute")) / 60 };
}

function dayBefore(weekday: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] as Weekday;
}

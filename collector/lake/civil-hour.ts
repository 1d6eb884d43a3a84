const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Days in 400 Gregorian years, after which the calendar repeats. */
const ERA_DAYS = 146_097;

/** An hour of UTC as the lake's paths name it. */
export interface CivilHour {
  startMs: number;
  /** `2026-11-02`. */
  day: string;
  /** `07`. */
  hour: string;
}

/** The hour that a time falls into; `collector/` has no Date, so the calendar is arithmetic. */
export function civilHour(atMs: number): CivilHour {
  const startMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
  const days = Math.floor(startMs / DAY_MS);
  return { startMs, day: civilDay(days), hour: pad((startMs - days * DAY_MS) / HOUR_MS, 2) };
}

/** RFC 3339 text of an hour's start. */
export function hourText({ day, hour }: CivilHour): string {
  return `${day}T${hour}:00:00Z`;
}

/** The inverse of `civilHour`: the start of an hour that a path names. */
export function civilHourStartMs(day: string, hour: string): number {
  const [year, month, dayOfMonth] = day.split("-").map(Number) as [number, number, number];
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * ERA_DAYS + dayOfEra - 719_468) * DAY_MS + Number(hour) * HOUR_MS;
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin
// in March, so that the leap day comes last and month lengths follow one formula.
function civilDay(daysSinceEpoch: number): string {
  const days = daysSinceEpoch + 719_468; // from 0000-03-01
  const era = Math.floor(days / ERA_DAYS);
  const dayOfEra = days - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

import type { ReportHead } from "../../collector/event/report.ts";

/** The numbers of a report by name, such as `pv`, `10:00 pv` or `EUR minor`; texts where places are compared. */
export type Figures = Map<string, number | string>;

export interface Check {
  report: string;
  lake: Figures;
  served: Figures;
  /** Set when the report says that its distinct counts are estimates. */
  relativeError?: number;
  /** What is wrong whatever the figures say, in words. */
  findings?: string[];
  /** What was left out of the comparison, and why. */
  leftOut?: string;
}

export interface Difference {
  figure: string;
  lake: number | string | undefined;
  served: number | string | undefined;
}

/** Distinct counts, which a report may estimate. */
const ESTIMATED = /(?:^| )(?:uv|sessions)$/;
/** How many standard errors an estimate may be off: one in 16,000 is further. */
const STANDARD_ERRORS = 4;
/** Places in a list say nothing new when its numbers differ. */
const PLACE = /^place \d+$/;

/** What the lake and the report do not agree on. Pure. */
export function differences({ lake, served, relativeError = 0 }: Check): Difference[] {
  const found: Difference[] = [];
  for (const figure of new Set([...lake.keys(), ...served.keys()])) {
    const [a, b] = [lake.get(figure), served.get(figure)];
    if (a === b || (isCount(a) && isCount(b) && Math.abs(a - b) <= slack(figure, a, relativeError))) continue;
    found.push({ figure, lake: a, served: b });
  }
  const numbers = found.filter(({ figure }) => !PLACE.test(figure));
  return numbers.length > 0 ? numbers : found;
}

export function errorOf({ exact, relativeError }: ReportHead): { relativeError?: number } {
  return exact ? {} : { relativeError };
}

function slack(figure: string, count: number, relativeError: number): number {
  return ESTIMATED.test(figure) ? STANDARD_ERRORS * relativeError * count : 0;
}

function isCount(value: number | string | undefined): value is number {
  return typeof value === "number";
}

/** A difference for people. */
export function differenceLine({ figure, lake, served }: Difference): string {
  const by =
    isCount(lake) && isCount(served) ? ` (${served > lake ? "+" : "-"}${Math.abs(served - lake)})` : "";
  return `${figure}: the lake says ${said(lake)}, the API says ${said(served)}${by}`;
}

function said(value: number | string | undefined): string {
  return value === undefined ? "nothing" : String(value);
}

import { grouped } from "../replay/report.ts";
import { type Check, differenceLine, differences } from "./figures.ts";
import type { Verified } from "./verify.ts";

/** Differences printed of one report; the rest is counted. */
const SHOWN_MAX = 20;

/** The end of a verification, for people; `isSame` decides the exit code. */
export function resultLines({ range, events, parts, checks }: Verified): {
  lines: string[];
  isSame: boolean;
} {
  const compared = checks.map((check) => ({ check, found: differences(check) }));
  const different = compared.filter(({ found }) => found.length > 0);
  const lines = [
    `${rangeText(range)}: ${grouped(events)} events, ${grouped(parts)} parts of the lake read`,
    "",
    `  ${"report".padEnd(26)}${"figures".padStart(9)}  result`,
    ...compared.map(
      ({ check, found }) =>
        `  ${check.report.padEnd(26)}${grouped(check.lake.size).padStart(9)}  ${outcome(check, found.length)}`,
    ),
  ];
  for (const { check, found } of different) {
    const findings = check.findings ?? [];
    lines.push("", `${check.report}:`, ...findings.slice(0, SHOWN_MAX).map((line) => `  ${line}`));
    lines.push(...found.slice(0, SHOWN_MAX).map((one) => `  ${differenceLine(one)}`));
    if (found.length > SHOWN_MAX) lines.push(`  and ${grouped(found.length - SHOWN_MAX)} more`);
  }
  const isSame = different.length === 0;
  lines.push(
    "",
    isSame
      ? "The API serves what the lake holds."
      : `LAKE AND API DIFFER in ${different.map(({ check }) => check.report).join(", ")}.`,
  );
  return { lines, isSame };
}

function outcome({ leftOut, relativeError }: Check, count: number): string {
  if (count > 0) return count === 1 ? "1 DIFFERENCE" : `${grouped(count)} DIFFERENCES`;
  const estimate = relativeError === undefined ? "" : ` (distinct counts are estimates, ±${relativeError})`;
  return `ok${estimate}${leftOut === undefined ? "" : `; left out: ${leftOut}`}`;
}

function rangeText({ fromMs, toMs }: Verified["range"]): string {
  if (fromMs === undefined && toMs === undefined) return "The whole lake";
  const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
  return `${fromMs === undefined ? "From the first event" : minute(fromMs)} to ${toMs === undefined ? "the last" : minute(toMs)} UTC`;
}

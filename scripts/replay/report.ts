import type { RejectCode } from "../../collector/event/reject.ts";
import { addsUp, MALFORMED_SHOWN_MAX, type Progress, type ReplaySummary } from "./replay.ts";

/** "1,234,567" */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "42 s", "3 min 05 s", "2 h 10 min" */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} min`;
}

/** One line; `share` may be that of the rows when a limit is given. */
export function progressLine({ share, summary }: Progress): string {
  const rate = summary.tookMs > 0 ? (summary.sent * 1000) / summary.tookMs : 0;
  const left = share > 0.001 && share < 1 ? `, ${duration((summary.tookMs * (1 - share)) / share)} left` : "";
  const percent = `${String(Math.min(100, Math.floor(share * 100))).padStart(3)} %`;
  const again = summary.duplicate > 0 ? `, ${grouped(summary.duplicate)} known already` : "";
  return `${percent}  ${grouped(summary.sent)} events, ${grouped(rate)}/s${left}${again}`;
}

/** Whether all of the file arrived; an error for the caller otherwise. Single quarantined rows are none. */
export function isGood(summary: ReplaySummary): boolean {
  return (
    addsUp(summary) &&
    summary.malformed === 0 &&
    summary.refused === 0 &&
    !summary.wasInterrupted &&
    !isAllRejected(summary)
  );
}

/** Rows were sent, and the system counts none of them. */
function isAllRejected({ sent, accepted, duplicate }: ReplaySummary): boolean {
  return sent > 0 && accepted + duplicate === 0;
}

/** The end of a replay, for people. */
export function summaryLines(summary: ReplaySummary): string[] {
  const seconds = Math.max(0.001, summary.tookMs / 1000);
  const number = (count: number): string => grouped(count).padStart(12);
  const lines = [
    summary.wasInterrupted
      ? "Interrupted. Run the same command again to continue; nothing counts twice."
      : `Done in ${duration(summary.tookMs)}: ${grouped(summary.batches)} batches, ${grouped(summary.sent / seconds)} events/s, ${grouped(summary.retries)} retries.`,
    `  sent        ${number(summary.sent)}`,
    `  accepted    ${number(summary.accepted)}`,
    `  duplicate   ${number(summary.duplicate)}   known already, not counted again`,
    `  quarantined ${number(summary.quarantined)}`,
    `  refused     ${number(summary.refused)}`,
    addsUp(summary)
      ? "  The receipts add up: accepted + duplicate + quarantined + refused = sent."
      : `  THE RECEIPTS DO NOT ADD UP: ${grouped(summary.wrongReceipts)} receipts are wrong.`,
  ];
  const codes = Object.entries(summary.codes);
  if (codes.length > 0)
    lines.push(`  Codes: ${codes.map(([code, count]) => `${code} ${grouped(count)}`).join(", ")}`);
  if (isAllRejected(summary)) {
    lines.push("  NOT ONE ROW COUNTS: all were quarantined or refused.");
    if (codes.length === 1 && codes[0]?.[0] === ("occurred_at_too_old" satisfies RejectCode))
      lines.push("  Your ts look like seconds; they must be milliseconds.");
  }
  if (summary.malformed > 0) {
    lines.push(`  ${grouped(summary.malformed)} rows of the file were not sent because they are malformed:`);
    for (const { line, why } of summary.malformedRows) lines.push(`    line ${line}: ${why}`);
    if (summary.malformed > MALFORMED_SHOWN_MAX)
      lines.push(`    and ${grouped(summary.malformed - MALFORMED_SHOWN_MAX)} more`);
  }
  return lines;
}

import { cpus, loadavg } from "node:os";
import { BUCKET_FAULTS, SEAMS } from "../../worker/testing/faults.ts";
import { duration, grouped } from "../replay/report.ts";
import type { CampaignResult } from "./campaign.ts";
import { TCP_FAULTS } from "./tcp-proxy.ts";

const PROBLEMS_SHOWN = 30;

/** The result as a Markdown block for docs/guarantees.md, and what is wrong below it. */
export function summaryLines(command: string, result: CampaignResult): string[] {
  const { kills, met, missed, copies, checks, last, firstReceiptMs, firstReportMs, problems } = result;
  const counted = last?.counted;
  const atSeams = SEAMS.reduce((sum, seam) => sum + (met.get(seam) ?? 0), 0);
  const ledger = last?.ledger;
  return [
    `\`${command}\`: ${duration(result.tookMs)} on ${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)} at the end, Node ${process.version}`,
    "",
    "| | |",
    "|---|---|",
    `| kills (\`kill -9\` of the process group) | ${kills}: ${atSeams} at seams, ${kills - atSeams} at random moments${missed > 0 ? ` (${missed} of them did not come to their seam)` : ""} |`,
    `| full comparisons, of them of copies of a running folder | ${checks}, ${copies} |`,
    `| batches with a receipt | ${grouped(result.acceptedBatches)} |`,
    `| events acknowledged | ${grouped(counted?.acknowledged ?? 0)} |`,
    `| events without an answer for ever, of them stored | ${grouped(counted?.ambiguous ?? 0)}, ${grouped(counted?.ambiguousStored ?? 0)} |`,
    `| **lost** · **counted twice** · stored and never sent | **${counted?.lost ?? "?"}** · **${counted?.doubled ?? "?"}** · ${counted?.phantom ?? "?"} |`,
    `| ledger | ${ledger ? `${grouped(ledger.received)} received = ${grouped(ledger.accepted)} accepted + ${grouped(ledger.duplicate)} duplicate + ${grouped(ledger.quarantined)} quarantined + ${grouped(ledger.refused)} refused` : "?"} |`,
    `| kill to the first receipt | ${quantiles(firstReceiptMs)} |`,
    `| kill to the first right report | ${quantiles(firstReportMs)} |`,
    `| kills at seams | ${times(SEAMS, met)} |`,
    `| TCP faults | ${times(TCP_FAULTS, met)} |`,
    `| bucket faults | ${times(BUCKET_FAULTS, met)} |`,
    "",
    problems.length === 0
      ? "Every acknowledged event is in lake and reports once; ledger, reports, lake and history agree."
      : `WRONG in ${problems.length} ways:`,
    ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problem}`),
  ];
}

function quantiles(ms: number[]): string {
  const sorted = Float64Array.from(ms).sort();
  if (sorted.length === 0) return "not measured";
  const at = (share: number): string => grouped(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (${sorted.length} measured)`;
}

function times(names: readonly string[], met: ReadonlyMap<string, number>): string {
  return names.map((name) => `${name} ${met.get(name) ?? 0}`).join("; ");
}

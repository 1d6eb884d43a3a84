import type { LedgerAnswer } from "../../../collector/event/ledger.ts";
import { byId, setAttribute, setText } from "../dom.ts";
import { formatCount } from "../format.ts";

/** What became of every event of the range, and whether the counts that are kept apart agree. */
export function renderLedger(ledger: LedgerAnswer | undefined): void {
  const line = byId("ledger-line");
  // A key that may not ask for the ledger is no reason to show an old one.
  line.hidden = ledger === undefined;
  if (ledger === undefined) return;
  setText(line, ledgerText(ledger));
  setAttribute(line, "class", ledger.balanced ? "note" : "error");
}

/** `1,200 received = 1,150 accepted + 40 duplicate + 10 quarantined: balanced`, with what matters beside it. */
export function ledgerText({ totals, requestsRefused, pendingLake, balanced }: LedgerAnswer): string {
  const { received, accepted, lostInPage } = totals;
  const others = (["duplicate", "quarantined", "refused"] as const)
    .filter((name) => totals[name] > 0)
    .map((name) => ` + ${formatCount(totals[name])} ${name}`);
  const sum = `${formatCount(received)} received = ${formatCount(accepted)} accepted${others.join("")}`;
  const beside = [
    [pendingLake, "on the way to the lake"],
    [total(lostInPage), "lost in pages"],
    [total(requestsRefused.codes), "requests refused"],
  ] as const;
  return [
    `${sum}: ${balanced ? "balanced" : "NOT BALANCED, see GET /v1/ledger"}`,
    ...beside.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`),
  ].join("; ");
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

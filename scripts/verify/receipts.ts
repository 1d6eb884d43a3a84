import type { LedgerLine } from "../../collector/event/ledger.ts";
import { HOUR_MS } from "../../collector/stream/pane.ts";
import type { Check, Figures } from "./figures.ts";

/** Events of one source, by the hour in which they were received. */
export interface ReceivedCount {
  hourMs: number;
  source: string;
  events: number;
}

/**
 * What the ledger says was accepted, beside what the lake holds, by source and hour of receipt. Hours that had not
 * ended when the lake was brought up to date are left out, unless nothing has come since.
 */
export function receiptCheck(
  inLake: readonly ReceivedCount[],
  rows: readonly LedgerLine[],
  closedUntilMs: number,
): Check {
  const isClosed = (hourMs: number): boolean => hourMs + HOUR_MS <= closedUntilMs;
  const ledger = rows
    .map((row) => ({ hourMs: Date.parse(row.hour), source: row.source, events: row.accepted }))
    .filter(({ hourMs, events }) => isClosed(hourMs) && events > 0);
  // An hour has a bound of sources; of those beyond it, each shard may have named others.
  const crowded = new Set(ledger.filter(({ source }) => source === "other").map(({ hourMs }) => hourMs));
  return {
    report: "ledger by source and hour",
    lake: figuresOf(
      inLake.filter(({ hourMs }) => isClosed(hourMs)),
      crowded,
    ),
    served: figuresOf(ledger, crowded),
  };
}

function figuresOf(counts: readonly ReceivedCount[], crowded: ReadonlySet<number>): Figures {
  const figures = new Map<string, number>();
  for (const { hourMs, source, events } of counts) {
    const hour = new Date(hourMs).toISOString().slice(0, 16).replace("T", " ");
    const figure = `${hour} ${crowded.has(hourMs) ? "all sources" : source}`;
    figures.set(figure, (figures.get(figure) ?? 0) + events);
  }
  return figures;
}

import type { Page, Paged } from "../store/page.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";

/** What became of the events that a source sent in one hour: received is the sum of the other four. */
export interface LedgerCounts {
  received: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
}

export interface LedgerRow extends LedgerCounts {
  /** Hour of receipt, not of the event. */
  hourMs: number;
  source: string;
}

/** Sources with a row of their own in an hour; further ones share "other". */
export const LEDGER_SOURCES_MAX = 32;

/** Conservation, per source and hour of receipt. Written in the transaction of the effect that it counts. */
export class Ledger implements Paged {
  readonly #hours = new Map<number, Map<string, LedgerCounts>>();
  readonly #dirtyDays = new Set<number>();

  constructor(pages: Iterable<Page> = []) {
    for (const { key, bytes } of pages) {
      if (bytes === null || !key.startsWith("ledger/")) continue;
      for (const { hourMs, source, ...counts } of JSON.parse(new TextDecoder().decode(bytes)) as LedgerRow[])
        this.#hour(hourMs).set(source, counts);
    }
  }

  count(receivedAtMs: number, source: string, outcome: Omit<LedgerCounts, "received">): void {
    const hourMs = receivedAtMs - (receivedAtMs % HOUR_MS);
    const hour = this.#hour(hourMs);
    const name = hour.has(source) || hour.size < LEDGER_SOURCES_MAX ? source : "other";
    const counts = hour.get(name) ?? { received: 0, accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
    counts.accepted += outcome.accepted;
    counts.duplicate += outcome.duplicate;
    counts.quarantined += outcome.quarantined;
    counts.refused += outcome.refused;
    counts.received = counts.accepted + counts.duplicate + counts.quarantined + counts.refused;
    hour.set(name, counts);
    this.#dirtyDays.add(hourMs - (hourMs % DAY_MS));
  }

  rows(fromMs: number, toMs: number): LedgerRow[] {
    const rows: LedgerRow[] = [];
    for (const [hourMs, sources] of this.#hours)
      if (hourMs + HOUR_MS > fromMs && hourMs < toMs)
        for (const [source, counts] of sources) rows.push({ hourMs, source, ...counts });
    return rows.sort((a, b) => a.hourMs - b.hourMs);
  }

  takeDirtyPages(): Page[] {
    const pages = [...this.#dirtyDays].map((dayMs) => ({
      key: `ledger/${dayMs}`,
      bytes: new TextEncoder().encode(JSON.stringify(this.rows(dayMs, dayMs + DAY_MS))),
    }));
    this.#dirtyDays.clear();
    return pages;
  }

  #hour(hourMs: number): Map<string, LedgerCounts> {
    let hour = this.#hours.get(hourMs);
    if (!hour) {
      hour = new Map();
      this.#hours.set(hourMs, hour);
    }
    return hour;
  }
}

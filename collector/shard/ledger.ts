import type { LedgerCounts } from "../event/ledger.ts";
import type { Page, Paged } from "../store/page.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";

export interface LedgerRow extends LedgerCounts {
  /** Hour of receipt, not of the event. */
  hourMs: number;
  source: string;
}

/** What a shard knows of its conservation; the answers of all shards make `GET /v1/ledger`. */
export interface ShardLedger extends LedgerPage {
  /** Of the whole range. */
  totals: LedgerCounts;
  /** Rows of the range that do not add up. */
  unbalanced: number;
  /** Accepted events of all times: by this ledger, by the state that reports and recommendations come from. */
  acceptedByLedger: number;
  acceptedByState: number;
  /** Accepted events that are not in the lake; `isLakeComplete` says that by position there should be none. */
  pendingLake: number;
  isLakeComplete: boolean;
  /** Events that wait for their commit. */
  inFlight: number;
}

export interface LedgerPage {
  rows: LedgerRow[];
  /** Where the next page begins, when there is one. */
  nextFromMs?: number;
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

  /** `received` is what the envelope said, so that a count that went astray shows. */
  count(receivedAtMs: number, source: string, batch: LedgerCounts): void {
    const hourMs = receivedAtMs - (receivedAtMs % HOUR_MS);
    const hour = this.#hour(hourMs);
    const name = hour.has(source) || hour.size < LEDGER_SOURCES_MAX ? source : "other";
    hour.set(name, addCounts(hour.get(name) ?? NOTHING_COUNTED, batch));
    this.#dirtyDays.add(hourMs - (hourMs % DAY_MS));
  }

  rows(fromMs: number, toMs: number): LedgerRow[] {
    const rows: LedgerRow[] = [];
    for (const [hourMs, sources] of this.#hours)
      if (hourMs + HOUR_MS > fromMs && hourMs < toMs)
        for (const [source, counts] of sources) rows.push({ hourMs, source, ...counts });
    return rows.sort((a, b) => a.hourMs - b.hourMs);
  }

  totals(fromMs: number, toMs: number): { totals: LedgerCounts; unbalanced: number } {
    const rows = this.rows(fromMs, toMs);
    return {
      totals: rows.reduce<LedgerCounts>(addCounts, NOTHING_COUNTED),
      unbalanced: rows.filter((row) => !isBalanced(row)).length,
    };
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

export const NOTHING_COUNTED: LedgerCounts = {
  received: 0,
  accepted: 0,
  duplicate: 0,
  quarantined: 0,
  refused: 0,
};

export function addCounts(a: LedgerCounts, b: LedgerCounts): LedgerCounts {
  return {
    received: a.received + b.received,
    accepted: a.accepted + b.accepted,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
    refused: a.refused + b.refused,
  };
}

function isBalanced({ received, accepted, duplicate, quarantined, refused }: LedgerCounts): boolean {
  return received === accepted + duplicate + quarantined + refused;
}

/**
 * The first rows of some that are sorted by hour. Cut between hours, so no row is on two pages or on none; an
 * hour that is over the bound by itself is answered whole.
 */
export function wholeHours(rows: LedgerRow[], rowsMax: number): LedgerPage {
  const firstHourMs = rows[0]?.hourMs;
  const firstOutMs = rows[rowsMax]?.hourMs;
  const nextFromMs =
    firstOutMs === firstHourMs ? rows.find(({ hourMs }) => hourMs !== firstHourMs)?.hourMs : firstOutMs;
  if (nextFromMs === undefined) return { rows };
  return { rows: rows.filter(({ hourMs }) => hourMs < nextFromMs), nextFromMs };
}

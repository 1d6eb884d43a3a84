import type { LedgerCounts } from "../event/ledger.ts";
import type { Losses, LossReason } from "../event/loss.ts";
import type { Page, Paged } from "../store/page.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";

export interface LedgerRow extends LedgerCounts {
  /** Hour of receipt, not of the event. */
  hourMs: number;
  source: string;
  /** Events that pages gave up, in no other count. */
  lost?: Losses;
}

/** Sources with a row of their own in an hour; further ones share "other". */
export const LEDGER_SOURCES_MAX = 32;

/** What counted in days that the ledger no longer has. */
const DROPPED = "dropped";

interface LedgerHour {
  sources: Map<string, Omit<LedgerRow, "hourMs" | "source">>;
  /** Requests that were refused as a whole, by code. */
  requests: Record<string, number>;
}

/** The days that were given up, in all. */
interface Dropped {
  beforeMs: number;
  counts: LedgerCounts;
}

/** A day as it is stored. */
interface SavedDay {
  rows: LedgerRow[];
  requests: [hourMs: number, codes: Record<string, number>][];
}

/** Conservation, per source and hour of receipt. Written in the transaction of the effect that it counts. */
export class Ledger implements Paged {
  readonly #name: string;
  readonly #hours = new Map<number, LedgerHour>();
  readonly #dirtyDays = new Set<number>();
  #dropped: Dropped = { beforeMs: 0, counts: NOTHING_COUNTED };
  #isDroppedDirty = false;

  /** @param name - pages are `<name>/<day in ms>` */
  constructor(pages: Iterable<Page> = [], name = "ledger") {
    this.#name = name;
    for (const { key, bytes } of pages) {
      if (bytes === null || !key.startsWith(`${name}/`)) continue;
      const saved: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (key === `${name}/${DROPPED}`) this.#dropped = saved as Dropped;
      else this.#load(saved as SavedDay | LedgerRow[]);
    }
  }

  /** `received` is what the envelope said, so that a count that went astray shows. */
  count(receivedAtMs: number, source: string, counts: LedgerCounts): void {
    const row = this.#row(receivedAtMs, source);
    Object.assign(row, addCounts(row, counts));
  }

  countLost(receivedAtMs: number, source: string, reason: LossReason, events: number): void {
    const row = this.#row(receivedAtMs, source);
    row.lost = { ...row.lost, [reason]: (row.lost?.[reason] ?? 0) + events };
  }

  /** Requests refused as a whole: `codes` are of a closed set, so an hour stays small. */
  countRequests(receivedAtMs: number, codes: Record<string, number>): void {
    const { requests } = this.#changed(receivedAtMs);
    for (const [code, count] of Object.entries(codes)) requests[code] = (requests[code] ?? 0) + count;
  }

  rows(fromMs: number, toMs: number): LedgerRow[] {
    const rows: LedgerRow[] = [];
    for (const [hourMs, { sources }] of this.#between(fromMs, toMs))
      for (const [source, counts] of sources) rows.push({ hourMs, source, ...counts });
    return rows.sort((a, b) => a.hourMs - b.hourMs);
  }

  requests(fromMs: number, toMs: number): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [, { requests }] of this.#between(fromMs, toMs))
      for (const [code, count] of Object.entries(requests)) sums[code] = (sums[code] ?? 0) + count;
    return sums;
  }

  /** Since this shard began, dropped days included. */
  ever(): LedgerCounts {
    return this.rows(0, Number.MAX_SAFE_INTEGER).reduce<LedgerCounts>(addCounts, this.#dropped.counts);
  }

  /** The oldest hour that has rows. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const hourMs of this.#hours.keys())
      if (oldestMs === undefined || hourMs < oldestMs) oldestMs = hourMs;
    return oldestMs;
  }

  /** Days before are given up. */
  get keptFromMs(): number {
    return this.#dropped.beforeMs;
  }

  /** Gives up the days that end before `atMs`, but for their sum: what was accepted in all can still be checked. */
  dropBefore(atMs: number): void {
    const beforeMs = atMs - (atMs % DAY_MS);
    if (beforeMs <= this.#dropped.beforeMs) return;
    let { counts } = this.#dropped;
    for (const [hourMs, { sources }] of [...this.#hours]) {
      if (hourMs >= beforeMs) continue;
      for (const row of sources.values()) counts = addCounts(counts, row);
      this.#hours.delete(hourMs);
      this.#dirtyDays.add(hourMs - (hourMs % DAY_MS));
    }
    this.#dropped = { beforeMs, counts };
    this.#isDroppedDirty = true;
  }

  takeDirtyPages(): Page[] {
    const pages: Page[] = [...this.#dirtyDays].map((dayMs) => ({
      key: `${this.#name}/${dayMs}`,
      bytes: this.#encodeDay(dayMs),
    }));
    if (this.#isDroppedDirty) pages.push({ key: `${this.#name}/${DROPPED}`, bytes: encode(this.#dropped) });
    this.#dirtyDays.clear();
    this.#isDroppedDirty = false;
    return pages;
  }

  #encodeDay(dayMs: number): Uint8Array | null {
    const hours = this.#between(dayMs, dayMs + DAY_MS);
    if (hours.length === 0) return null;
    const requests = hours
      .filter(([, hour]) => Object.keys(hour.requests).length > 0)
      .map(([hourMs, hour]): SavedDay["requests"][number] => [hourMs, hour.requests]);
    return encode({ rows: this.rows(dayMs, dayMs + DAY_MS), requests } satisfies SavedDay);
  }

  #load(saved: SavedDay | LedgerRow[]): void {
    // Days of an earlier version are bare rows, without what has been counted since.
    const { rows, requests } = Array.isArray(saved) ? { rows: saved, requests: [] } : saved;
    for (const { hourMs, source, ...counts } of rows)
      this.#hour(hourMs).sources.set(source, {
        ...counts,
        visible: counts.visible ?? counts.accepted,
        late: counts.late ?? 0,
      });
    for (const [hourMs, codes] of requests) this.#hour(hourMs).requests = codes;
  }

  #between(fromMs: number, toMs: number): [hourMs: number, hour: LedgerHour][] {
    return [...this.#hours].filter(([hourMs]) => hourMs + HOUR_MS > fromMs && hourMs < toMs);
  }

  #row(receivedAtMs: number, source: string): Omit<LedgerRow, "hourMs" | "source"> {
    const { sources } = this.#changed(receivedAtMs);
    const name = sources.has(source) || sources.size < LEDGER_SOURCES_MAX ? source : "other";
    const row = sources.get(name) ?? { ...NOTHING_COUNTED };
    sources.set(name, row);
    return row;
  }

  #changed(receivedAtMs: number): LedgerHour {
    const hourMs = receivedAtMs - (receivedAtMs % HOUR_MS);
    this.#dirtyDays.add(hourMs - (hourMs % DAY_MS));
    return this.#hour(hourMs);
  }

  #hour(hourMs: number): LedgerHour {
    let hour = this.#hours.get(hourMs);
    if (!hour) {
      hour = { sources: new Map(), requests: {} };
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
  visible: 0,
  late: 0,
};

export function addCounts(a: LedgerCounts, b: LedgerCounts): LedgerCounts {
  return {
    received: a.received + b.received,
    accepted: a.accepted + b.accepted,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
    refused: a.refused + b.refused,
    visible: a.visible + b.visible,
    late: a.late + b.late,
  };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

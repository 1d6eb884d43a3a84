/** For how many days a site keeps what; undefined is for ever. Event time for lake and reports, receipt for the others. */
export interface Retention {
  lakeDays?: number | undefined;
  reportDays?: number | undefined;
  quarantineDays?: number | undefined;
  ledgerDays?: number | undefined;
}

/** The ledger is only counts, but it grows with time; its sums stay. The quarantine holds payloads. */
export const RETENTION_DEFAULT = { quarantineDays: 30, ledgerDays: 400 } as const;

/** What a shard no longer has. */
export interface Retained {
  /** Parts, and hours of reports, before these times of events were removed. */
  lakeFromMs: number;
  reportsFromMs: number;
  /** How many that were, and the events in them. */
  parts: number;
  rows: number;
  hours: number;
  events: number;
}

/** `GET /v1/lake?from=&to=`: what the bucket holds, and up to where. */
export interface LakeManifest {
  site: string;
  parts: LakePart[];
  /** Up to which journal position each shard is in the lake, and how many accepted events are not yet. */
  cut: { shard: number; epoch: number; flushedLsn: number; committedLsn: number; pendingEvents: number }[];
  /** What retention removed: parts and hours of reports before these times, and how many. */
  retained?: {
    lakeFrom?: string;
    reportsFrom?: string;
    parts: number;
    rows: number;
    hours: number;
    events: number;
  };
  /** RFC 3339, the `from` to go on with, when the range has more parts than one answer holds. */
  nextFrom?: string;
}

export interface LakePart {
  /** `site=<site>/dt=<day>/hh=<hour>/<shard>-<epoch>-<firstLsn>-<lastLsn>.parquet`, also the path under /v1/lake/. */
  key: string;
  /** Event-time hour that all its rows fall into, RFC 3339. */
  hour: string;
  rows: number;
  bytes: number;
  sha256: string;
  firstLsn: number;
  lastLsn: number;
}

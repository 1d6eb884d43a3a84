/**
 * Everything that can go wrong, with how likely it is where it is switched on. A run switches each on or off, so
 * that some runs see a single kind of trouble and others all at once.
 */
const RATES = {
  /** A request or an answer takes seconds, and others overtake it. */
  "network.delay": 0.1,
  "network.drop": 0.08,
  /** The request arrives twice. */
  "network.duplicate": 0.08,
  /** A request that had arrived arrives once more, long after. */
  "network.replay": 0.08,
  /** The collector has it; the page never hears so. */
  "network.ackLost": 0.1,
  /** For a while nothing of one browser gets through. */
  "network.partition": 0.5,
  /** An isolate that still routes by the shard map before. */
  "edge.formerMap": 0.3,
  "edge.error": 0.03,
  /** Turned away with 503 and Retry-After. */
  "edge.overloaded": 0.04,
  /** Something before the collector finds the request too large. */
  "edge.tooLarge": 0.04,
  /** Something before the collector answers in its place: a page, a 404 during a deploy. */
  "edge.stranger": 0.04,
  /** Crashes, each at the point it is named by. */
  "crash.idle": 0.5,
  "crash.beforeSync": 0.02,
  /** What was written before the sync may or may not be there. */
  "crash.duringSync": 0.04,
  "crash.afterSync": 0.02,
  "crash.beforeReply": 0.02,
  "crash.alarmMs": 0.02,
  "crash.setAlarm": 0.02,
  "crash.beforePut": 0.04,
  "crash.afterPut": 0.04,
  "crash.afterHead": 0.04,
  "crash.afterRemove": 0.2,
  "crash.hash": 0.02,
  /** A crash from which some of what was not synced comes back. */
  "crash.survivors": 0.5,
  /** A second incarnation begins while the first still runs. */
  "shard.replaced": 0.5,
  /** A transaction throws in the middle: disk full. */
  "disk.full": 0.01,
  "disk.slow": 0.1,
  "alarm.late": 0.2,
  "alarm.duplicate": 0.2,
  "bucket.error": 0.1,
  /** The object is there, the answer is an error. */
  "bucket.timeoutAfterSuccess": 0.1,
  "bucket.headError": 0.05,
  "pull.lost": 0.1,
  "pull.repeated": 0.1,
  "rollup.restart": 0.2,
  /** A shard took the clicks of others; the rollup never hears so. */
  "feed.lost": 0.1,
  /** Clicks of others come once more, at once and long after. */
  "feed.repeated": 0.1,
  /** A rollup that does not know how far a shard has come: what it brings overlaps what is known. */
  "feed.behind": 0.2,
  /** The rollup forgets how far its shards are, in the middle of a round. */
  "feed.relayRestart": 0.05,
  /** The site gets more or fewer shards while events come in. */
  reshard: 0.6,
  /** An incarnation of the version before. */
  "deploy.skew": 0.3,
  /** A page tracks an event at which our own code fails. */
  "event.poison": 0.06,
  "tab.kill": 0.5,
  "tab.bfcache": 0.4,
  "tab.closed": 0.4,
  "tab.partMissing": 0.1,
  "storage.full": 0.3,
  "clock.skew": 0.4,
  "clock.jump": 0.3,
};

export type FaultName = keyof typeof RATES;
export const FAULTS: Readonly<Record<FaultName, number>> = RATES;

/** What must have happened as well, over many runs, for them to show anything. */
export const REACHES = [
  "bucket.alreadyThere",
  "bucket.olderVersion",
  "call.secondTry",
  "checkpoint",
  "commit.grouped",
  "duplicate",
  "feed.copied",
  "feed.learned",
  "journal.full",
  "late",
  "order.repeated",
  "pull.cut",
  "quarantined",
  "reshard.imported",
  "reshard.moved",
  "sdk.othersLog",
  "sdk.outbox",
  "sdk.probe",
  "sdk.sampled",
] as const;

export type ReachName = (typeof REACHES)[number];

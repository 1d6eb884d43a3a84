import type { Mutant } from "./mutant.ts";

const SHARD = "collector/shard/shard.ts";
const PANE = "collector/stream/pane.ts";
const CACHE = "collector/rollup/hour-cache.ts";

/** Windows, orders, pulls, decoding. */
export const REPORT_MUTANTS: Mutant[] = [
  {
    name: "an hour of a pull that was cut counts twice",
    file: "collector/rollup/rollup.ts",
    find: "yield decodeHour(bytes);",
    replace: "yield decodeHour(bytes);\n        if (answer.more) yield decodeHour(bytes);",
  },
  {
    name: "an hour that an answer had no room for is shown as it was",
    file: CACHE,
    find: "if (!cached || cached.lsn < lsn) return undefined;",
    replace: "if (!cached) return undefined;",
  },
  {
    name: "an hour that the rollup has once is never sent again",
    file: "collector/shard/durable-shard.ts",
    find: "if (more || known.get(startMs) === lsn) continue;",
    replace: "if (more || known.has(startMs)) continue;",
  },
  {
    name: "an hour keeps the position of its first change",
    file: "collector/shard/hours.ts",
    find: "    mark.lsn = lsn;\n",
    replace: "",
  },
  {
    name: "money in floating point",
    file: PANE,
    find: "valueMinor: event.valueMinor ?? 0,",
    replace: "valueMinor: Math.floor((Math.fround((event.valueMinor ?? 0) / 100) * 100)),",
  },
  {
    name: "an order counts at its latest claim",
    file: "collector/shard/order-mark.ts",
    find: "return (a[at] as number) < (b[at] as number);",
    replace: "return (a[at] as number) > (b[at] as number);",
  },
  {
    name: "an order counts at every claim that is earlier",
    file: SHARD,
    find: "      if (!isEarlier(mark, known)) return;\n      paneAt(this.hours.change(known[0], lsn), known[0]).orders.delete(orderId);",
    replace: "      if (!isEarlier(mark, known)) return;",
  },
  {
    name: "a late event is dropped",
    file: SHARD,
    find: "batch.receivedAtMs)) event.late = true;",
    replace: "batch.receivedAtMs)) return;",
  },
  {
    name: "a late event is not counted as late",
    file: SHARD,
    find: "      if (event.late) late++;\n",
    replace: "",
  },
  {
    name: "the watermark follows a clock that is ahead",
    file: "collector/stream/watermark.ts",
    find: "Math.min(occurredAtMs, receivedAtMs)",
    replace: "occurredAtMs + receivedAtMs - receivedAtMs + 25 * 3_600_000",
  },
  {
    name: "a session is counted once for each stream",
    file: PANE,
    find: "pane.sessions.add(hash53(session, SESSION_SEED), stepsOf(event));",
    replace: "pane.sessions.add(hash53(session + event.name, SESSION_SEED), stepsOf(event));",
  },
  {
    name: "an event of the last moment of a minute is in the next",
    file: "collector/stream/hour.ts",
    find: "const minute = Math.floor((atMs - hour.startMs) / MINUTE_MS);",
    replace: "const minute = Math.min(59, Math.round((atMs - hour.startMs) / MINUTE_MS));",
  },
  {
    name: "one rejected event spoils the positions behind it",
    file: "collector/ingest/decode.ts",
    find: "decodeEvent(raw, seq + index,",
    replace: "decodeEvent(raw, seq + batch.events.length,",
  },
];

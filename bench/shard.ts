/**
 * Where the time of an event goes inside the collector, without HTTP, RPC and disk: decode, decide and fold,
 * journal record, checkpoint. CPU microseconds of one event, in Node.
 *
 *   npm run bench:shard -- [--events 200000] [--batch 5] [--sessions EVENTS/5] [--group 4]
 *
 * With `node --cpu-prof bench/shard.ts` the profile says which functions.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { EventBatch } from "../collector/event/event.ts";
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from "../collector/event/limits.ts";
import { decodeBatch } from "../collector/ingest/decode.ts";
import { jsonShape } from "../collector/ingest/json-shape.ts";
import { encodeRecord } from "../collector/shard/journal.ts";
import { Shard } from "../collector/shard/shard.ts";
import { seeded } from "../scripts/shopper/seeded.ts";
import { visits } from "./ingest/visits.ts";

/** Bodies that are made before the clock runs, so that memory stays small. */
const CHUNK_BATCHES = 2_000;
/** As in collector/shard/checkpoints.ts, where the length of the journal also has a say. */
const CHECKPOINT_COMMITS = 64;
const CHECKPOINT_LENGTH = 256 * 1024;
const WARM_UP_EVENTS = 5_000;
const START_MS = Date.UTC(2026, 10, 2, 12);
/** How busy the shop is: so many events fall into a second of event time. */
const EVENTS_PER_S = 200;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "200000" },
    batch: { type: "string", default: "5" },
    sessions: { type: "string" },
    group: { type: "string", default: "4" },
  },
});
const events = Number(values.events);
const batch = Number(values.batch);
const sessions = Number(values.sessions ?? Math.ceil(events / 5));
const group = Number(values.group);

measure(WARM_UP_EVENTS);
const { spent, bytes, checkpoints, journalLength } = measure(events);
console.log(`node ${process.version}, ${cpus()[0]?.model}`);
console.log(`${events} events, ${sessions} sessions, batches of ${batch}, ${group} batches a commit`);
const total = Object.values(spent).reduce((sum, ms) => sum + ms, 0);
for (const [stage, ms] of Object.entries({ ...spent, total }))
  console.log(`${stage.padEnd(12)}${((ms * 1000) / events).toFixed(2).padStart(7)} µs an event`);
console.log(
  `${checkpoints} checkpoints, ${(bytes / 1e6).toFixed(1)} MB of pages, ${(journalLength / 1e6).toFixed(1)} MB of journal`,
);

function measure(eventsMax: number) {
  const shard = new Shard([], () => undefined);
  const spent = { parse: 0, decode: 0, fold: 0, record: 0, checkpoint: 0 };
  const timed = <T>(stage: keyof typeof spent, run: () => T): T => {
    // CPU time of this thread: others may want the processor as well.
    const before = process.threadCpuUsage();
    const result = run();
    const { user, system } = process.threadCpuUsage(before);
    spent[stage] += (user + system) / 1000;
    return result;
  };
  let bytes = 0;
  let checkpoints = 0;
  let journalLength = 0;
  let lengthSinceCheckpoint = 0;
  let commitsSinceCheckpoint = 0;
  let checkpointBytes = 0;
  const commit = (batches: EventBatch[]): void => {
    const lsn = shard.lsn + 1;
    const decided = timed("fold", () =>
      batches.map((decoded) => {
        const journalBatch = shard.decide(decoded);
        shard.fold(journalBatch, lsn);
        return journalBatch;
      }),
    );
    const rows = timed("record", () => encodeRecord({ lsn, batches: decided }));
    const length = rows.reduce((sum, row) => sum + row.text.length, 0);
    journalLength += length;
    lengthSinceCheckpoint += length;
    commitsSinceCheckpoint++;
    const isDue = lengthSinceCheckpoint >= Math.max(checkpointBytes / 2, CHECKPOINT_LENGTH);
    if (commitsSinceCheckpoint < CHECKPOINT_COMMITS || !isDue) return;
    const pages = timed("checkpoint", () => shard.takeDirtyPages());
    checkpointBytes = pages.reduce((sum, page) => sum + (page.bytes?.length ?? 0), 0);
    bytes += checkpointBytes;
    checkpoints++;
    lengthSinceCheckpoint = 0;
    commitsSinceCheckpoint = 0;
  };

  let sent = 0;
  const nowMs = (): number => START_MS + (sent / EVENTS_PER_S) * 1000;
  const bodies = visits({
    events: eventsMax,
    sessions: Math.ceil((sessions * eventsMax) / events),
    batch,
    nowMs,
    random: seeded(1),
  });
  for (;;) {
    const texts: string[] = [];
    while (texts.length < CHUNK_BATCHES) {
      const body = bodies.next();
      if (body.done) break;
      texts.push(JSON.stringify(body.value));
      sent += body.value.events.length;
    }
    if (texts.length === 0) break;
    const parsed = timed("parse", () => texts.map(parse));
    const decoded = timed("decode", () => parsed.map((body) => decode(body, nowMs())));
    for (let at = 0; at < decoded.length; at += group) commit(decoded.slice(at, at + group));
  }
  return { spent, bytes, checkpoints, journalLength };
}

function parse(text: string): unknown {
  if (jsonShape(text, { depth: JSON_DEPTH_MAX, values: JSON_VALUES_MAX }).depth > JSON_DEPTH_MAX)
    throw new Error("body too deep");
  return JSON.parse(text);
}

function decode(body: unknown, receivedAtMs: number): EventBatch {
  const result = decodeBatch(body, {
    site: "demo",
    receivedAtMs,
    derivedVisitor: "d.0",
    device: "desktop",
    language: "de-DE",
  });
  if (!result.ok || result.value.rejects.length > 0) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result.value;
}

import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { STREAM_RANGES_MAX } from "../event/limits.ts";
import type { ReportName } from "../event/report.ts";
import type { MemoryBucket } from "../lake/memory-bucket.ts";
import type { Rollup } from "../rollup/rollup.ts";
import { decodeRecord, type JournalBatch, type JournalRecord } from "../shard/journal.ts";
import type { MemoryDisk } from "../shard/memory-disk.ts";
import { Shard } from "../shard/shard.ts";
import { shardsNow } from "../shard/shard-map.ts";
import { hash53 } from "../stream/hash.ts";
import type { Delivery } from "./edge.ts";
import { SITE } from "./edge.ts";
import { decodePart } from "./fake-part.ts";
import { ReferenceShard, referenceTotals, referenceWindows } from "./reference.ts";
import type { ShardHost } from "./shard-host.ts";
import { LOG, METRIC, POISON } from "./shopper.ts";
import type { Tracked } from "./tab.ts";
import { Violation, type World } from "./world.ts";

const WINDOW_MS = 60_000;
const END_MS: number = Number.MAX_SAFE_INTEGER;

/** What a run leaves behind, once it is healed and drained. */
export interface Evidence {
  world: World;
  hosts: readonly ShardHost[];
  bucket: MemoryBucket;
  /** The one that was asked while things went wrong, with all that it remembers. */
  rollup: Rollup;
  deliveries: readonly Delivery[];
  told: readonly { stream: string; ranges: [number, number][] }[];
  tracked: readonly Tracked[];
}

/** Compares all that is shown with a naive recomputation. Throws `Violation` with the first promise that fails. */
export async function check(evidence: Evidence): Promise<void> {
  const { hosts } = evidence;
  const records = hosts.map(({ disk }) => recordsOf(disk));
  const reference = hosts.map((host, at) => replayNaively(evidence, host, records[at] as JournalRecord[]));
  checkShards(reference);
  checkAcknowledged(evidence, reference);
  checkTold(evidence, reference);
  const known = new Set<string>();
  let sampled = 0;
  for (const [at, host] of hosts.entries()) {
    const shard = reference[at] as ReferenceShard;
    sampled += await checkLedger(host, shard);
    for (const key of await checkLake(host, shard, evidence.bucket)) known.add(key);
    checkRestart(host, records[at] as JournalRecord[]);
  }
  // A reader of the bucket would count a part that no manifest knows.
  for (const key of evidence.bucket.objects.keys()) expect(known.has(key), "G2", `${key} is in no manifest`);
  checkFeeds(hosts, reference);
  await checkReports(evidence, reference);
  checkTracked(evidence, reference, sampled);
}

/** All records that are on the disk for good, those that the journal has written over as well. */
function recordsOf(disk: MemoryDisk): JournalRecord[] {
  const rows = Map.groupBy(disk.history, ({ lsn }) => lsn);
  return [...rows].map(([lsn, pieces], at) => {
    expect(lsn === at + 1, "G4", `record ${lsn} stands at position ${at + 1}`);
    return { ...decodeRecord(pieces), lsn };
  });
}

/** G1, G2, G3 for the journal: it has what was delivered, and decides as a set would. */
function replayNaively(evidence: Evidence, host: ShardHost, records: JournalRecord[]): ReferenceShard {
  const { world } = evidence;
  const reference = new ReferenceShard();
  const delivered = Map.groupBy(
    evidence.deliveries.filter(({ shard }) => shard === host.shard),
    ({ batch }) => keyOf(batch),
  );
  const committed = new Map<string, number>();
  for (const { lsn, batches } of records) {
    if (batches.length > 1) world.reach("commit.grouped");
    for (const batch of batches) {
      const key = keyOf(batch);
      const original = originalOf(batch, delivered.get(key) ?? []);
      if (!original) throw new Violation(`G2: record ${lsn} holds ${key}, which was never delivered`);
      committed.set(key, (committed.get(key) ?? 0) + 1);
      if (batch.imported) world.reach("reshard.imported");
      reference.know(batch.stream, batch.imported?.ranges ?? []);
      const isRefused = batch.refused > 0;
      if (isRefused) checkRefusal(batch, reference);
      const expected = reference.take(original, isRefused);
      const decided = {
        accepted: batch.events.map(({ seq }) => seq),
        duplicate: batch.duplicate,
        quarantined: batch.rejects.length,
      };
      expectEqual(decided, expected, "G2", `what record ${lsn} decided of ${key}`);
      if (expected.duplicate > 0) world.reach("duplicate");
      if (expected.quarantined > 0) world.reach("quarantined");
    }
  }
  for (const [key, copies] of delivered) {
    const count = committed.get(key) ?? 0;
    expect(
      count <= copies.length,
      "G2",
      `${key} was delivered ${copies.length} times and committed ${count} times`,
    );
    const receipts = copies.flatMap(({ receipt }) => receipt ?? []);
    expect(receipts.length <= count, "G1", `${key} has ${receipts.length} receipts and ${count} commits`);
    for (const receipt of receipts) {
      const sum = receipt.accepted + receipt.duplicate + receipt.quarantined + receipt.refused;
      expect(sum === copies[0]?.batch.count, "G3", `receipt ${receipt.receipt} does not add up`);
    }
  }
  if (reference.counted.some(({ isLate }) => isLate)) world.reach("late");
  const purchases = reference.counted.filter(({ event }) => event.name === "purchase").length;
  if (purchases > reference.claims().length) world.reach("order.repeated");
  return reference;
}

/**
 * What was committed, as it was delivered. Two tabs may send the same events so that they arrive in the same millisecond,
 * and each corrects their times by its own time of sending: then it is the copy that has what was accepted, as it is.
 */
function originalOf(committed: JournalBatch, copies: readonly Delivery[]): EventBatch | undefined {
  const textOf = (event: TidemarkEvent): string => JSON.stringify(sortKeys({ ...event, late: undefined }));
  const accepted = committed.events.map(textOf);
  const batches = copies.map(({ batch }) => poisonRejected(batch));
  return (
    batches.find(({ events }) => {
      const sent = new Set(events.map(textOf));
      return accepted.every((text) => sent.has(text));
    }) ?? batches[0]
  );
}

/** An event that cannot be folded is to be rejected, and its neighbours are not. */
function poisonRejected(batch: EventBatch): EventBatch {
  const poison = batch.events.filter(({ name }) => name === POISON);
  if (poison.length === 0) return batch;
  const rejects = poison.map(({ seq }) => ({ seq, code: "event_poison" as const, pointer: "", payload: "" }));
  const events = batch.events.filter(({ name }) => name !== POISON);
  return { ...batch, events, rejects: [...batch.rejects, ...rejects] };
}

function keyOf({ stream, seq, count, receivedAtMs }: Delivery["batch"]): string {
  return `${stream}:${seq}+${count} of ${receivedAtMs}`;
}

/** Only a stream in too many pieces may be turned away. */
function checkRefusal(batch: JournalBatch, reference: ReferenceShard): void {
  const seen = new Set(reference.seen.get(batch.stream));
  for (let seq = batch.seq; seq < batch.seq + batch.count; seq++) seen.add(seq);
  const pieces = [...seen].filter((seq) => !seen.has(seq - 1)).length;
  expect(pieces > STREAM_RANGES_MAX, "G3", `${keyOf(batch)} was refused with ${pieces} ranges`);
}

/** G1: what has a receipt was taken by some shard, and what it then counted as known by one before. */
function checkAcknowledged({ deliveries }: Evidence, reference: readonly ReferenceShard[]): void {
  const taken = new Set(reference.flatMap((shard) => [...shard.taken]));
  for (const { batch, receipt } of deliveries) {
    if (!receipt || receipt.refused > 0) continue;
    for (const { seq } of [...batch.events, ...batch.rejects])
      expect(
        taken.has(`${batch.stream}:${seq}`),
        "G1",
        `${batch.stream}:${seq} has a receipt and is nowhere`,
      );
  }
}

/** G2 over all shards: no event counts on two of them. */
function checkShards(reference: readonly ReferenceShard[]): void {
  const counted = new Set<string>();
  for (const shard of reference)
    for (const { batch, event } of shard.counted) {
      const id = `${batch.stream}:${event.seq}`;
      expect(!counted.has(id), "G2", `${id} counts on two shards`);
      counted.add(id);
    }
}

/** What a probe told was true and stays true: the page has thrown its copy away. */
function checkTold({ told }: Evidence, reference: readonly ReferenceShard[]): void {
  const isThere = (stream: string, seq: number): boolean =>
    reference.some((shard) => shard.taken.has(`${stream}:${seq}`));
  for (const { stream, ranges } of told)
    for (const [first, last] of ranges)
      for (let seq = first; seq <= last; seq++)
        expect(isThere(stream, seq), "G1", `a probe told ${stream}:${seq}, which is nowhere`);
}

/** @returns how many events pages said that they left out */
async function checkLedger(host: ShardHost, reference: ReferenceShard): Promise<number> {
  const ledger = await host.incarnation.ledger({ fromMs: 0, toMs: END_MS });
  const lines = [...reference.ledger.values()].map((line) => ({
    ...line,
    visible: line.accepted,
    pendingLake: 0,
    inFlight: 0,
  }));
  const rows = ledger.rows.map(({ lost: _, ...row }) => row);
  expectEqual(sortLines(rows), sortLines(lines), "G3", `the ledger of shard ${host.shard}`);
  expect(ledger.unbalanced === 0, "G3", "the ledger has rows that do not balance");
  expect(
    ledger.acceptedByWindows === reference.counted.length,
    "G3",
    `windows have ${ledger.acceptedByWindows}`,
  );
  expect(ledger.pendingLake === 0, "G1", `${ledger.pendingLake} events are not in the lake by count`);
  expect(host.disk.quarantined === reference.quarantined, "G3", "the quarantine has not what was rejected");
  return ledger.rows.reduce((sum, { lost }) => sum + (lost?.sampled ?? 0), 0);
}

function sortLines<Line extends { hourMs: number; source: string }>(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => a.hourMs - b.hourMs || (a.source < b.source ? -1 : 1));
}

/** G1 and G2 for the lake: each accepted event in one part of the manifest, as it was delivered. */
async function checkLake(
  host: ShardHost,
  reference: ReferenceShard,
  bucket: MemoryBucket,
): Promise<string[]> {
  const { parts, cut } = await host.incarnation.lake({ fromMs: 0, toMs: END_MS });
  expect(
    cut.flushedLsn === cut.committedLsn,
    "G1",
    `shard ${host.shard} is flushed to ${cut.flushedLsn} only`,
  );
  const rows: string[] = [];
  for (const part of parts) {
    const stored = bucket.objects.get(part.key);
    if (!stored) throw new Violation(`G1: part ${part.key} is not in the bucket`);
    expect(
      stored.meta.sha256 === part.sha256 && stored.bytes === part.bytes,
      "G2",
      `part ${part.key} is another`,
    );
    const content = decodePart(stored.content);
    expect(
      content.length === part.rows,
      "G1",
      `part ${part.key} has ${content.length} rows and tells ${part.rows}`,
    );
    const hourMs = content[0]
      ? content[0].event.occurredAtMs - (content[0].event.occurredAtMs % 3_600_000)
      : 0;
    for (const { batch, event } of content) {
      expect(
        event.occurredAtMs - (event.occurredAtMs % 3_600_000) === hourMs,
        "G2",
        `${part.key} mixes hours`,
      );
      rows.push(rowText(batch.stream, event));
    }
  }
  const expected = reference.counted.map(({ batch, event, isLate }) =>
    rowText(batch.stream, isLate ? { ...event, late: true } : event),
  );
  const missing = without(expected, rows);
  const extra = without(rows, expected);
  expect(missing.length + extra.length === 0, "G2", lakeDifference(host.shard, missing, extra));
  return parts.map(({ key }) => key);
}

/** What is left of `all` when each of `some` takes one away. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of some) counts.set(one, (counts.get(one) ?? 0) + 1);
  return all.filter((one) => {
    const count = counts.get(one) ?? 0;
    counts.set(one, count - 1);
    return count <= 0;
  });
}

function lakeDifference(shard: number, missing: string[], extra: string[]): string {
  const first = (rows: string[]): string => `${rows.length}${rows[0] ? `, such as ${rows[0]}` : ""}`;
  return `the lake of shard ${shard} differs\n  missing: ${first(missing)}\n  too many: ${first(extra)}`;
}

function rowText(stream: string, event: TidemarkEvent): string {
  return `${stream} ${JSON.stringify(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** G4: what a restart gives, and what all records from the first one give, is what was there. */
function checkRestart(host: ShardHost, records: JournalRecord[]): void {
  const lived = stateOf(host.incarnation.state);
  host.replace();
  expectEqual(stateOf(host.incarnation.state), lived, "G4", `shard ${host.shard} after a restart`);
  const replayed = new Shard([], () => undefined);
  for (const record of records) replayed.replay(record);
  // A model that came as a whole is in no record.
  const model = records.some(({ copyOf }) => copyOf !== undefined) ? { model: [], cursors: [] } : {};
  expectEqual(
    { ...stateOf(replayed), ...model },
    { ...lived, ...model },
    "G4",
    `shard ${host.shard} replayed from the first record`,
  );
}

/** All that a shard shows, in bytes where it has some. */
export function stateOf(shard: Shard): object {
  return {
    lsn: shard.lsn,
    accepted: shard.accepted,
    hours: shard.hours
      .between(0, END_MS)
      .map(({ startMs, lsn }) => [startMs, lsn, [...shard.hours.encoded(startMs)].join()]),
    ledger: shard.ledger.rows(0, END_MS),
    newest: shard.newest,
    cursors: shard.feed.cursors,
    model: shard.model
      .recommend({ recent: ["item-1", "item-2"], limit: 10, nowMs: 0 })
      .map(({ id, score }) => [id, score]),
  };
}

/** G6: each shard that sessions are spread over has learned every accepted click of the site, once. */
function checkFeeds(hosts: readonly ShardHost[], reference: readonly ReferenceShard[]): void {
  const clicks = reference.flatMap((shard) =>
    shard.counted.flatMap(({ batch, event }) => {
      const kind = ["view_item", "add_to_cart", "purchase"].indexOf(event.name);
      return (kind < 0 ? [] : (event.items ?? [])).map(({ itemId }) =>
        JSON.stringify([hash53(batch.session), itemId, kind, Math.floor(event.occurredAtMs / 1000)]),
      );
    }),
  );
  const expected = clicks.sort();
  const maps = hosts.map(({ incarnation }) => incarnation.state.map ?? []);
  const map = maps.reduce((newest, one) => (one.length > newest.length ? one : newest), []);
  for (const { shard, incarnation } of hosts.slice(0, shardsNow(map))) {
    const { model } = incarnation.state;
    const learned = [...model.own.all()].map((click) =>
      JSON.stringify(click && [click.session, click.itemId, click.kind, click.timeS]),
    );
    expectEqual(learned.sort(), expected, "G6", `what shard ${shard} has learned`);
    const { missed } = incarnation.positions.feed;
    expect(missed === 0, "G6", `shard ${shard} missed ${missed} clicks`);
  }
}

/** G5: the final windows are those of the naive computation, in whatever order the events came. */
async function checkReports({ hosts, world, rollup }: Evidence, reference: ReferenceShard[]): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: the five reports are read field by field below.
  const ask = async (name: ReportName, more: object = {}): Promise<any> => {
    const result = await rollup.report(name, {
      site: SITE,
      shards: hosts.length,
      nowMs: world.nowMs,
      ...more,
    });
    if (!result.ok) throw new Violation(`G5: ${name} was refused: ${result.reason}`);
    return result.value;
  };
  const expected = referenceTotals(reference, 0, END_MS);
  const overview = await ask("overview");
  const ledger = reference.flatMap((shard) => [...shard.ledger.values()]);
  expectEqual(
    {
      ...pick(overview.totals, [
        "events",
        "pv",
        "uv",
        "sessions",
        "late",
        "orders",
        "quarantined",
        "duplicate",
      ]),
      gmv: gmvOf(overview.totals.gmv),
    },
    {
      ...pick(expected, ["events", "pv", "uv", "sessions", "late", "orders"]),
      quarantined: ledger.reduce((sum, line) => sum + line.quarantined, 0),
      duplicate: ledger.reduce((sum, line) => sum + line.duplicate, 0),
      gmv: expected.gmv,
    },
    "G5",
    "the overview",
  );
  const funnel = await ask("funnel");
  expectEqual(
    funnel.steps.map(({ sessions }: { sessions: number }) => sessions),
    expected.funnel,
    "G5",
    "the funnel",
  );
  const products: Record<string, unknown> = {};
  for (const by of ["views", "carts", "units"])
    for (const { itemId, views, carts, units, revenue } of (await ask("top-products", { by, limit: 1_000 }))
      .items)
      products[itemId] = { views, carts, units, revenue: gmvOf(revenue) };
  expectEqual(sortKeys(products), sortKeys(expected.products), "G5", "the products");

  const traffic = await ask("traffic", { windowMs: WINDOW_MS });
  const sales = await ask("sales", { windowMs: WINDOW_MS });
  const starts = referenceWindows(reference, WINDOW_MS);
  const windows = starts.map((startMs) => referenceTotals(reference, startMs, startMs + WINDOW_MS));
  expectEqual(
    traffic.windows.map((window: object) => pick(window, ["events", "pv", "uv", "sessions"])),
    windows.map((window) => pick(window, ["events", "pv", "uv", "sessions"])),
    "G5",
    "the windows of traffic",
  );
  expectEqual(
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    sales.windows.map((window: any) => ({ orders: window.orders, gmv: gmvOf(window.gmv) })),
    windows.map(({ orders, gmv }) => ({ orders, gmv })),
    "G5",
    "the windows of sales",
  );
}

/**
 * G10: what a page tracked is counted or kept for review, unless it was only in the memory of a page that died, or was
 * left out of a sample. Only metrics and logs are, and no more are said to be than were.
 */
function checkTracked({ tracked, deliveries }: Evidence, reference: ReferenceShard[], sampled: number): void {
  let leftOut = 0;
  const there = new Set<string>();
  for (const shard of reference)
    for (const { event } of shard.counted) there.add(event.props?.mark as string).add(event.title as string);
  for (const { batch } of deliveries) for (const { payload } of batch.rejects) there.add(markOf(payload));
  for (const { batch } of deliveries)
    for (const { name, props } of batch.events) if (name === POISON) there.add(props?.mark as string);
  for (const { mark, isLost, isLeftOut } of tracked) {
    if (isLeftOut) {
      leftOut++;
      expect(mark.startsWith(METRIC) || mark.startsWith(LOG), "G10", `${mark} was left out`);
      expect(!there.has(mark), "G10", `${mark} was left out and is there`);
    } else expect(isLost === true || there.has(mark), "G10", `${mark} was tracked and is nowhere`);
  }
  expect(sampled <= leftOut, "G10", `${sampled} are said to be left out, and ${leftOut} were`);
}

function markOf(payload: string): string {
  return /[a-z_]+-[\w.]+-\w+-end/.exec(payload)?.[0] ?? payload;
}

function gmvOf(amounts: { currency: string; valueMinor: number }[]): Record<string, number> {
  return Object.fromEntries(amounts.map(({ currency, valueMinor }) => [currency, valueMinor]));
}

function pick(from: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, (from as Record<string, unknown>)[name]]));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}

export function expect(isTrue: boolean, promise: string, what: string): void {
  if (!isTrue) throw new Violation(`${promise}: ${what}`);
}

function expectEqual(actual: unknown, expected: unknown, promise: string, what: string): void {
  const [a, b] = [JSON.stringify(sortKeys(actual)), JSON.stringify(sortKeys(expected))];
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 100), at + 100);
  throw new Violation(`${promise}: ${what} differs\n  is        …${around(a)}\n  should be …${around(b)}`);
}

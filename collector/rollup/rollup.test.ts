import { expect, test } from "vitest";
import type { OverviewReport } from "../event/report.ts";
import type { PullAnswer, PullQuery } from "../shard/pull.ts";
import { emptyHour, encodeHour, paneAt } from "../stream/hour.ts";
import { foldEvent, HOUR_MS } from "../stream/pane.ts";
import { Rollup } from "./rollup.ts";

/** A shard with hours of so many events each, that gives one hour in an answer. */
function cuttingShard(events: number[]) {
  const hours = new Map<number, { lsn: number; bytes: Uint8Array }>();
  const change = (hourMs: number, count: number, lsn: number): void => {
    const hour = emptyHour(hourMs);
    for (let seq = 0; seq < count; seq++) {
      const event = { seq, name: "view_item", occurredAtMs: hourMs, isPageView: false };
      foldEvent(paneAt(hour, hourMs), event, "session", "visitor");
    }
    hours.set(hourMs, { lsn, bytes: encodeHour(hour) });
  };
  for (const [at, count] of events.entries()) change(at * HOUR_MS, count, 1);
  const pull = async (_shard: number, query: PullQuery): Promise<PullAnswer> => {
    const known = new Map(query.known.map(({ startMs, lsn }) => [startMs, lsn]));
    const inRange = [...hours].filter(
      ([startMs]) => startMs + HOUR_MS > query.fromMs && startMs < query.toMs,
    );
    const changed = inRange.filter(([startMs, { lsn }]) => known.get(startMs) !== lsn);
    return {
      epoch: 1,
      lsn: 1,
      index: inRange.map(([startMs, { lsn }]) => ({ startMs, lsn })),
      hours: changed.slice(0, 1).map(([startMs, hour]) => ({ startMs, ...hour })),
      more: changed.length > 1,
      ledger: [],
      newest: [],
    };
  };
  return { pull, change };
}

async function eventsOf(rollup: Rollup): Promise<number> {
  const report = await rollup.report("overview", { site: "s", shards: 1, nowMs: 10 * HOUR_MS });
  if (!report.ok) throw new Error(report.reason);
  return (report.value as OverviewReport).totals.events;
}

test("an hour that an answer had no room for is asked for again", async () => {
  const shard = cuttingShard([1, 2, 4]);
  expect(await eventsOf(new Rollup(shard.pull, async () => []))).toBe(7);
});

test("an hour that changed is not shown as it was, when an answer had no room for it", async () => {
  const shard = cuttingShard([1, 2, 4]);
  const rollup = new Rollup(shard.pull, async () => []);
  expect(await eventsOf(rollup)).toBe(7);
  for (const at of [0, 1, 2]) shard.change(at * HOUR_MS, 10, 2);
  expect(await eventsOf(rollup)).toBe(30);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { hash53 } from "../stream/hash.ts";
import { emptyPane, MINUTE_MS, type Pane } from "../stream/pane.ts";
import { Presence } from "./presence.ts";

function paneOf(visitors: Iterable<string>): Pane {
  const pane = emptyPane();
  for (const visitor of visitors) pane.visitors.add(hash53(visitor));
  return pane;
}

/** From the events themselves, visitor by visitor. */
function naive(seen: readonly { visitor: string; minute: number }[], gapMinutes: number) {
  let sessions = 0;
  let minutes = 0;
  for (const visitor of new Set(seen.map((one) => one.visitor))) {
    const own = seen.filter((one) => one.visitor === visitor).map(({ minute }) => minute);
    let last: number | undefined;
    for (const minute of own.sort((a, b) => a - b)) {
      if (last === undefined || minute - last > gapMinutes) sessions++;
      else minutes += minute - last;
      last = minute;
    }
  }
  return { sessions, lengthMs: minutes * MINUTE_MS };
}

const arbitrarySeen = fc.array(
  fc.record({
    visitor: fc.constantFrom("a", "b", "c", "d"),
    minute: fc.nat(200),
    shard: fc.nat(2),
  }),
  { maxLength: 60 },
);

test("session windows from panes of several shards, in any order, are those of the events", () => {
  fc.assert(
    fc.property(
      arbitrarySeen.chain((seen) => {
        const panes = Map.groupBy(seen, ({ shard, minute }) => `${shard} ${minute}`);
        return fc.record({
          seen: fc.constant(seen),
          panes: fc.shuffledSubarray([...panes.values()], { minLength: panes.size }),
          gap: fc.integer({ min: 1, max: 40 }),
        });
      }),
      ({ seen, panes, gap }) => {
        const presence = new Presence();
        for (const pane of panes)
          presence.addPane(paneOf(pane.map(({ visitor }) => visitor)), (pane[0]?.minute ?? 0) * MINUTE_MS);
        expect(presence.sessions(gap * MINUTE_MS)).toEqual(naive(seen, gap));
        expect(presence.exact).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test("above its bound it is a sample that says how far it may be off, the same in any order", () => {
  const visitors = Array.from({ length: 8_000 }, (_, at) => `visitor ${at}`);
  const panes = Array.from({ length: 10 }, (_, at) => ({
    pane: paneOf(visitors),
    startMs: at * 50 * MINUTE_MS,
  }));
  const sampled = (all: typeof panes): Presence => {
    const presence = new Presence(10_000);
    for (const { pane, startMs } of all) presence.addPane(pane, startMs);
    return presence;
  };
  const presence = sampled(panes);
  const { sessions } = presence.sessions(30 * MINUTE_MS);
  expect(presence.exact).toBe(false);
  expect(Math.abs(sessions / 80_000 - 1)).toBeLessThan(4 * presence.relativeError);
  expect(sampled(panes.toReversed()).sessions(30 * MINUTE_MS)).toEqual({ sessions, lengthMs: 0 });
});

test("minutes that are samples themselves are compared over the visitors that all of them know", () => {
  const crowd = Array.from({ length: 40_000 }, (_, at) => `visitor ${at}`);
  const presence = new Presence();
  presence.addPane(paneOf(crowd.slice(0, 3_000)), 0);
  presence.addPane(paneOf(crowd), MINUTE_MS);
  const { sessions } = presence.sessions(30 * MINUTE_MS);
  expect(presence.exact).toBe(false);
  expect(Math.abs(sessions / 40_000 - 1)).toBeLessThan(4 * presence.relativeError);
});

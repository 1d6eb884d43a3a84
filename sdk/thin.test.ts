import fc from "fast-check";
import { expect, test } from "vitest";
import { LANES, laneOf } from "../collector/event/lane.ts";
import { evict, type Segment, thin, totalChars } from "./thin.ts";

const HEAD = '{"session":"s"}';
const NAMES = ["web_vital", "exception", "page_view", "add_to_cart", "purchase"];

/** Segments of one stream after another, oldest first. */
const segmentsOf = fc
  .array(fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 12 }), { maxLength: 8 })
  .map((all) => {
    let seq = 0;
    return all.map((names) => {
      const first = seq;
      const lines = names.map((name) => JSON.stringify({ n: seq++, name, occurredAtMs: 1 }));
      return { name: `tm:a:${first}`, text: [HEAD, ...lines].join("\n") };
    });
  });

/** Seq, number and name of each event. */
function eventsOf(segments: readonly Segment[]): { seq: number; n: number; name: string }[] {
  return segments.flatMap(({ name, text }) =>
    text
      .split("\n")
      .slice(1)
      .map((line, index) => ({ seq: Number(name.split(":")[2]) + index, ...JSON.parse(line) })),
  );
}

test("what is left of a segment has the numbers it had, and what is not left is counted", () => {
  fc.assert(
    fc.property(segmentsOf, fc.subarray(NAMES), (segments, kept) => {
      const thinned = segments.map((segment) => thin(segment, (name) => kept.includes(name)));
      const left = eventsOf(thinned.flatMap(({ runs }) => runs));
      expect(left.map(({ seq }) => seq)).toEqual(left.map(({ n }) => n));
      expect(left).toEqual(eventsOf(segments).filter(({ name }) => kept.includes(name)));
      const dropped = thinned.reduce((sum, one) => sum + one.dropped, 0);
      expect(left.length + dropped).toBe(eventsOf(segments).length);
    }),
  );
});

test("what does not fit goes by importance, then by age, and no more of it than must", () => {
  fc.assert(
    fc.property(segmentsOf, fc.nat(2000), (segments, charsMax) => {
      const changed = evict(segments, charsMax);
      const left = segments.flatMap((segment, at) => changed.get(at)?.runs ?? [segment]);
      const kept = new Set(eventsOf(left).map(({ seq }) => seq));
      const gone = eventsOf(segments).filter(({ seq }) => !kept.has(seq));
      expect(gone).toHaveLength([...changed.values()].reduce((sum, { dropped }) => sum + dropped, 0));
      expect(totalChars(left)).toBeLessThanOrEqual(Math.max(charsMax, 0));
      const rank = (name: string): number => LANES.indexOf(laneOf(name));
      const highestGone = Math.max(-1, ...gone.map(({ name }) => rank(name)));
      for (const { name } of eventsOf(left)) expect(rank(name)).toBeGreaterThanOrEqual(highestGone);
    }),
  );
});

test("a name that the page wrote into its parameters is found all the same", () => {
  const text = `${HEAD}\n{"occurredAtMs":1,"name":"web_vital","value":2}\n{"note":"\\"name\\":\\"web_vital\\"}","name":"purchase"}`;
  const { runs } = thin({ name: "tm:a:0", text }, (name) => name !== "web_vital");
  expect(eventsOf(runs).map(({ name }) => name)).toEqual(["purchase"]);
});

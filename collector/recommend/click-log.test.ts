import fc from "fast-check";
import { expect, test } from "vitest";
import { ClickLog } from "./click-log.ts";

const anyClick = fc.record({
  item: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
  kind: fc.integer({ min: 0, max: 3 }),
  session: fc.integer({ min: 0, max: 2 ** 40 }),
  timeS: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  back: fc.nat(40),
});

test("a record gives back every field, however large, also after the log has grown and gone round", () => {
  fc.assert(
    fc.property(fc.array(anyClick, { maxLength: 80 }), fc.constantFrom(1, 16, 64), (clicks, limit) => {
      const log = new ClickLog(limit);
      clicks.forEach(({ item, kind, session, timeS, back }, position) => {
        if (log.isFull()) log.dropOldest();
        log.append(item, kind, session, timeS, position - back, position - 1);
      });
      for (let position = log.oldest; position < log.next; position++) {
        const { item, kind, session, timeS, back } = clicks[position] as (typeof clicks)[number];
        const at = log.at(position);
        expect([log.item(at), log.kind(at), log.timeS(at)]).toEqual([item, kind, timeS]);
        expect(log.session(at)).toBe(session % 2 ** 24);
        // What had fallen out when the click came ends its chain.
        const oldestThen = Math.max(0, position - limit + 1);
        expect(log.backInSession(at)).toBe(position - back >= oldestThen ? back : 0);
        expect(log.backOnItem(at)).toBe(position - 1 >= oldestThen ? 1 : 0);
      }
    }),
  );
});

test("a distance as long as the longest log is kept to the bit", () => {
  const log = new ClickLog(2 ** 22);
  for (let position = 0; position < 2 ** 22; position++) log.append(0, 0, 0, 0, -1, -1);
  log.dropOldest();
  log.append(1, 2, 3, 4, 1, log.oldest);
  const at = log.at(log.next - 1);
  expect([log.backInSession(at), log.backOnItem(at)]).toEqual([2 ** 22 - 1, 2 ** 22 - 1]);
});

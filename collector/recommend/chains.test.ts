import fc from "fast-check";
import { expect, test } from "vitest";
import { AGES, Chains } from "./chains.ts";
import { ClickLog } from "./click-log.ts";
import { ItemTable } from "./item-table.ts";
import { soundLimits } from "./limits.ts";
import { SessionRing } from "./session-ring.ts";

const limits = soundLimits({
  clicks: 64,
  sessions: 16,
  items: 12,
  clicksPerItem: 9,
  sessionClicks: 7,
  contextItems: 12,
  ranked: 12,
});

test("chains that are read side by side are those that a walk over all clicks finds", () => {
  const click = fc.tuple(fc.nat(11), fc.nat(30));
  fc.assert(
    fc.property(fc.array(click, { maxLength: 200 }), (clicks) => {
      const log = new ClickLog(limits.clicks);
      const items = new ItemTable(limits.items, 1000);
      const ring = new SessionRing(limits.sessions);
      const kept: { item: number; number: number }[] = [];
      for (const [id, name] of clicks) {
        if (log.isFull()) log.dropOldest();
        const known = ring.find(name);
        const session = known < 0 ? ring.begin(name) : known;
        const item = items.findOrAdd(`item ${id}`, log.next);
        const lastClicks = [ring.lastClick[session] as number, items.lastClick(item)] as const;
        log.append(item, 1, ring.numberAt(session), kept.length, ...lastClicks);
        ring.lastClick[session] = kept.length;
        items.addClick(item, kept.length);
        kept.push({ item, number: ring.numberAt(session) });
      }
      const newestFirst = kept
        .map((click, timeS) => ({ ...click, timeS }))
        .filter(({ timeS }) => timeS >= log.oldest);
      newestFirst.reverse();
      const chains = new Chains(log, items, ring, limits);

      const slots = Int32Array.from({ length: items.size }, (_, slot) => slot);
      chains.readItems([...slots], limits.clicksPerItem);
      chains.readTimes(slots, slots.length);
      for (const slot of slots) {
        const on = newestFirst.filter(({ item }) => item === slot);
        const sessions = on.map(({ number }) => (ring.holds(number) ? ring.slot(number) : -1));
        const from = slot * limits.clicksPerItem;
        const read = chains.sessions.subarray(from, from + (chains.sessionCounts[slot] as number));
        expect([...read]).toEqual(sessions.slice(0, limits.clicksPerItem));
        const clickedS = chains.clickedS.subarray(from, from + read.length);
        expect([...clickedS]).toEqual(on.slice(0, limits.clicksPerItem).map(({ timeS }) => timeS));
        const times = chains.timesS.subarray(slot * AGES, (slot + 1) * AGES);
        expect([...times]).toEqual([0, 1].map((n) => on[n]?.timeS ?? -1));
      }

      const numbers = Array.from({ length: ring.next - ring.oldest }, (_, i) => ring.oldest + i);
      chains.readSessions(
        Int32Array.from(numbers, (number) => ring.slot(number)),
        0,
        numbers.length,
      );
      numbers.forEach((number, lane) => {
        const from = lane * limits.sessionClicks;
        const read = chains.items.subarray(from, from + (chains.clickCounts[lane] as number));
        const own = newestFirst.filter((click) => click.number === number).map(({ item }) => item);
        expect([...read]).toEqual(own.slice(0, limits.sessionClicks));
      });
    }),
  );
});

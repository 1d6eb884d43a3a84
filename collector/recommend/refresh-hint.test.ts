import { expect, test } from "vitest";
import { FRESHNESS, FRESHNESS_CLASSES, freshnessOfKind } from "../event/freshness.ts";
import { refreshHint } from "./refresh-hint.ts";

test("the more a visitor clicks, the sooner a page asks again; the longer the silence, the later", () => {
  const afterMs = (clicks: number, idleMs: number) => refreshHint("live", { clicks, idleMs }).afterMs;
  const busier = [0, 1, 3, 9, 30, 1000].map((clicks) => afterMs(clicks, 1000));
  expect(busier).toEqual([300_000, 150_000, 75_000, 30_000, 15_000, 15_000]);
  const quieter = [1000, 60_000, 180_000, 3_600_000].map((idleMs) => afterMs(9, idleMs));
  expect(quieter).toEqual([30_000, 60_000, 180_000, 300_000]);
});

test("a session that nobody knows is asked for at the slowest pace of its class", () => {
  for (const freshness of FRESHNESS_CLASSES) {
    const hint = refreshHint(freshness, { clicks: 0 });
    expect(hint).toEqual({ class: freshness, afterMs: FRESHNESS[freshness].refreshMs * 10 });
  }
});

test("what is made for a session is live, what is made of everybody's clicks is not", () => {
  const live = [undefined, "session", "recent", "complements", "anything"];
  expect(live.map(freshnessOfKind)).toEqual(live.map(() => "live"));
  expect(["trending", "similar", "new"].map(freshnessOfKind)).toEqual(["seconds", "hourly", "hourly"]);
});

test("a slower class is fresh for longer, and used stale for longer", () => {
  for (const time of ["freshMs", "staleMs"] as const) {
    const times = FRESHNESS_CLASSES.map((freshness) => FRESHNESS[freshness][time]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBe(0);
  }
});

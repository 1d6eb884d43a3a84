import { expect, test } from "vitest";
import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import { SESSION_KEY } from "./disk.ts";
import { touchSession } from "./session.ts";

const NOON_MS = 1_790_000_000_000;

function shopper() {
  const page = { disk: {} as Record<string, string> };
  let ids = 0;
  return { page, at: (nowMs: number) => touchSession(page, nowMs, () => `s${++ids}`) };
}

test("activity within the gap stays in one session, however long it goes on", () => {
  const { at } = shopper();
  for (let n = 0; n < 50; n++) expect(at(NOON_MS + n * (SESSION_GAP_MS - 1))).toBe("s1");
});

test("a pause of the gap begins a new session", () => {
  const { at } = shopper();
  expect(at(NOON_MS)).toBe("s1");
  expect(at(NOON_MS + SESSION_GAP_MS)).toBe("s2");
  expect(at(NOON_MS + SESSION_GAP_MS + 1)).toBe("s2");
});

test("a clock that was set back or forward by a day begins a new session once", () => {
  const { at } = shopper();
  const dayMs = 24 * 3600 * 1000;
  expect(at(NOON_MS)).toBe("s1");
  expect(at(NOON_MS - dayMs)).toBe("s2");
  expect(at(NOON_MS - dayMs + 1000)).toBe("s2");
  expect(at(NOON_MS)).toBe("s3");
});

test("tabs that share a disk share the session", () => {
  const { page, at } = shopper();
  expect(at(NOON_MS)).toBe("s1");
  expect(touchSession(page, NOON_MS + 5, () => "other tab")).toBe("s1");
});

test("what is stored by somebody else under our key is replaced", () => {
  const { page, at } = shopper();
  for (const junk of ["", " ", "x", "x y", "undefined undefined"]) {
    page.disk[SESSION_KEY] = junk;
    expect(at(NOON_MS)).toMatch(/^s\d$/);
    expect(page.disk[SESSION_KEY]).toMatch(/^s\d \d+$/);
  }
});

test("busy pages note their activity now and then, not with each event", () => {
  let writes = 0;
  const disk = new Proxy({} as Record<string, string>, {
    set: (target, key, value) => {
      writes++;
      return Reflect.set(target, key, value);
    },
  });
  for (let n = 0; n < 200; n++) touchSession({ disk }, NOON_MS + n * 60, () => "s1");
  expect(writes).toBeLessThanOrEqual(2);
});

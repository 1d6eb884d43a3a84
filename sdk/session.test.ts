import { expect, test } from "vitest";
import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import { SESSION_KEY } from "./disk.ts";
import { endAtMidnight } from "./midnight.ts";
import { touchSession } from "./session.ts";

const NOON_MS = 1_790_000_000_000;

function shopper() {
  const page = { disk: {} as Record<string, string> };
  let ids = 0;
  const at = (nowMs: number, url = "https://shop.example/") =>
    touchSession(page, nowMs, () => `s${++ids}`, url);
  return { page, at };
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

test.each(["utm_source=mail&utm_campaign=may", "gclid=Ab1", "fbclid=x", "msclkid=7", "gbraid=8"])(
  "another campaign begins a new session: %s",
  (campaign) => {
    const { at } = shopper();
    const landing = `https://shop.example/shoes?color=red&${campaign}`;
    expect(at(NOON_MS)).toBe("s1");
    expect(at(NOON_MS + 1, landing)).toBe("s2");
    // On with it, by links without and with the parameters, whatever else changes.
    expect(at(NOON_MS + 2, "https://shop.example/cart")).toBe("s2");
    expect(at(NOON_MS + 20_000, "https://shop.example/cart")).toBe("s2");
    expect(at(NOON_MS + 20_001, `${landing}&page=2`)).toBe("s2");
    expect(at(NOON_MS + 3, `${landing.slice(0, -1)}0`)).toBe("s3");
  },
);

test("parameters that only look like a campaign's change nothing", () => {
  const { at } = shopper();
  expect(at(NOON_MS, "https://shop.example/euclid?q=utm")).toBe("s1");
  expect(at(NOON_MS + 1, "https://shop.example/utm_lamps/clid?id=7")).toBe("s1");
});

test("where midnight ends sessions, it does, and only then", () => {
  const { page, at } = shopper();
  const midnightMs = new Date(NOON_MS).setHours(24, 0, 0, 0);
  const touch = (nowMs: number) => {
    const id = at(nowMs, "https://shop.example/?utm_source=mail");
    endAtMidnight(page, nowMs);
    return id;
  };
  for (let nowMs = midnightMs - SESSION_GAP_MS * 2; nowMs < midnightMs; nowMs += 60_000)
    expect(touch(nowMs)).toBe("s1");
  expect(touch(midnightMs - 1)).toBe("s1");
  expect(touch(midnightMs)).toBe("s2");
  expect(touch(midnightMs + SESSION_GAP_MS - 1)).toBe("s2");
});

test("tabs that share a disk share the session", () => {
  const { page, at } = shopper();
  expect(at(NOON_MS)).toBe("s1");
  expect(touchSession(page, NOON_MS + 5, () => "other tab", "")).toBe("s1");
});

test("what is stored by somebody else under our key is replaced", () => {
  const { page, at } = shopper();
  for (const junk of ["", " ", "x", "x y", "undefined undefined"]) {
    page.disk[SESSION_KEY] = junk;
    expect(at(NOON_MS)).toMatch(/^s\d$/);
    expect(page.disk[SESSION_KEY]).toMatch(/^s\d \d+ /);
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
  for (let n = 0; n < 200; n++) touchSession({ disk }, NOON_MS + n * 60, () => "s1", "");
  expect(writes).toBeLessThanOrEqual(2);
});

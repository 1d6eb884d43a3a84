import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type { QuarantineAnswer, QuarantineEntry, ReplayOutcome } from "../../collector/event/quarantine.ts";
import { System } from "./system.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
const ADMIN = { headers: { authorization: "Bearer sk_demo" } };

let system: System;
let browser: Browser;

beforeAll(async () => {
  system = await System.start();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
});

afterAll(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

/** Orders of a till that forgot the currency. */
async function sendOrders(session: string, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({
    name: "purchase",
    occurredAtMs: Date.now(),
    transactionId: `${session}-${n}`,
    value: "12.90",
  }));
  const { quarantined } = await system.send({
    session,
    stream: `${session}.1`,
    seq: 0,
    source: "till",
    events,
  });
  expect(quarantined).toBe(count);
}

async function open(): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${system.url}/quarantine/`);
  await page.waitForSelector(".entry");
  return { page, complaints };
}

const saying = (page: Page) =>
  // biome-ignore lint/performance/useDomNodeTextContent: what a person sees
  page.locator("#outcome").innerText();

test("a rejected order is edited and replayed by keyboard, and counts once, also after kill -9", async () => {
  await sendOrders("s1", 1);
  const { page, complaints } = await open();
  await page.locator(".entry").focus();
  await page.keyboard.press("Enter");
  const editor = page.locator("#editor");
  expect(await editor.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => saying(page)).toBe("Still rejected: currency_missing at /currency.");
  const event = JSON.parse(await editor.inputValue()) as object;
  await editor.fill(JSON.stringify({ ...event, currency: "EUR" }));
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => saying(page)).toBe("Replayed: it counts now.");
  expect(await page.locator(".entry").getAttribute("data-state")).toBe("replayed");
  expect(complaints).toEqual([]);
  await page.close();

  await system.kill();
  await system.restart();
  const { rows } = await system.json<QuarantineAnswer>("/v1/quarantine?state=replayed", ADMIN);
  const { id } = rows[0] as QuarantineEntry;
  const body = JSON.stringify({ ids: [id], edits: { [id]: { patch: { currency: "USD", value: 99 } } } });
  const again = await system.json<{ results: ReplayOutcome[] }>("/v1/quarantine/replay", {
    ...ADMIN,
    method: "POST",
    body,
  });
  expect(again.results).toEqual([{ id, outcome: "duplicate" }]);
  const { totals } = await system.report("overview");
  expect(totals).toMatchObject({ orders: 1, gmv: [{ currency: "EUR", valueMinor: 1290 }] });
});

test("all that a filter finds is corrected at once, and the ledger stays balanced", async () => {
  await sendOrders("s2", 5);
  const { page, complaints } = await open();
  await page.locator("#filters input[name=source]").fill("till");
  await page.keyboard.press("Enter");
  await page.locator("#all summary").click();
  await page.locator("#all-patch").fill('{ "currency": "EUR" }');
  await page.locator("#all-replay").click();
  await expect.poll(() => saying(page)).toBe("5 replayed.");
  await expect.poll(() => page.locator("#count-open").textContent()).toBe("0");
  expect(await page.locator("#empty").isVisible()).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
  const { totals } = await system.report("overview");
  expect(totals).toMatchObject({ orders: 6, gmv: [{ currency: "EUR", valueMinor: 6 * 1290 }] });
  const ledger = await system.json<LedgerAnswer>("/v1/ledger", ADMIN);
  expect(ledger).toMatchObject({ balanced: true, totals: { received: 12, accepted: 6, quarantined: 6 } });
});

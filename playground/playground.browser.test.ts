import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildPage, type PageServer, servePage } from "./testing/page-server.ts";
import { type ShopLake, shopLake } from "./testing/shop-lake.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const HOUR_MS = 3_600_000;
/** The browser itself asks for autofill and the like; that is not the page. */
const BROWSERS_OWN = /^(https?:\/\/)?[\w-]+\.google(apis)?\.com[:/]/;

let browser: Browser;
let built: Awaited<ReturnType<typeof buildPage>>;
/** A proxy that everything but loopback goes through, and that only writes down who asked. */
let trap: Server;
let trapped: string[] = [];
let lake: ShopLake;
let server: PageServer;
let context: BrowserContext;
let violations: string[] = [];

beforeAll(async () => {
  const note = (url: string) => {
    if (!BROWSERS_OWN.test(url)) trapped.push(url);
  };
  trap = createServer((request, response) => {
    note(request.url ?? "");
    response.writeHead(502).end();
  }).on("connect", (request, socket) => {
    note(request.url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
  built = await buildPage();
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    proxy: { server: `http://127.0.0.1:${(trap.address() as AddressInfo).port}`, bypass: "127.0.0.1" },
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
    ],
  });
});

afterAll(async () => {
  await browser.close();
  trap.close();
  built.remove();
});

beforeEach(async () => {
  lake = shopLake({
    sessions: 120,
    untilMs: Date.now() - HOUR_MS / 2,
    spanMs: 5 * HOUR_MS,
    pendingEvents: 7,
  });
  server = await servePage(lake, built.folder);
  context = await browser.newContext();
  violations = [];
  trapped = [];
  await context.exposeBinding("noteViolation", (_, text: string) => violations.push(text));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      const { noteViolation } = globalThis as unknown as { noteViolation(text: string): void };
      noteViolation(`${violatedDirective} ${blockedURI}`);
    });
  });
});

afterEach(async () => {
  await context.close();
  await server.close();
});

test("the page loads the lake by itself and answers its first question with a chart", async () => {
  const page = await open();
  await answered(page);
  expect(await page.textContent("#load-status")).toContain(`${lake.events.length} events from`);
  expect(await page.textContent("#lake-cut")).toContain("7 accepted events not in the lake yet");
  expect(await page.locator("#chart canvas").count()).toBe(1);
  expect(await page.getAttribute("#chart [role=img]", "aria-label")).toContain("page_views");

  expect(await ask(page, "SELECT count(*), count(DISTINCT (stream, seq)) FROM events")).toEqual([
    [String(lake.events.length), String(lake.events.length)],
  ]);
  expect(violations).toEqual([]);
  expect(trapped).toEqual([]);
});

test("columns have the types that the lake gave them, and items are rows of their own", async () => {
  const page = await open();
  await answered(page);
  const types = ["occurred_at", "value_minor", "page_view", "items", "session"].map(
    (name) => `typeof(${name})`,
  );
  const [row = []] = await ask(page, `SELECT ${types.join(", ")} FROM events LIMIT 1`);
  expect(row.map((type) => type.replace(/\(.*\)/, ""))).toEqual([
    "TIMESTAMP",
    "BIGINT",
    "BOOLEAN",
    "STRUCT[]",
    "VARCHAR",
  ]);

  const items = lake.events.flatMap((event) => event.items ?? []);
  const units = items.reduce((sum, { quantity }) => sum + quantity, 0);
  expect(await ask(page, "SELECT count(*), sum(quantity) FROM items")).toEqual([
    [String(items.length), String(units)],
  ]);
  const newest = Math.max(...lake.events.map(({ occurredAtMs }) => occurredAtMs));
  expect(await ask(page, "SELECT epoch_ms(max(occurred_at)) FROM events")).toEqual([[String(newest)]]);
});

test("every shipped question answers in the browser's engine", async () => {
  const page = await open();
  await answered(page);
  const questions = page.locator("#question-list button");
  const count = await questions.count();
  expect(count).toBeGreaterThanOrEqual(8);
  for (let index = 0; index < count; index += 1) {
    await questions.nth(index).click();
    await answered(page);
    expect(
      await page.locator("#table tbody tr").count(),
      (await questions.nth(index).textContent()) ?? "",
    ).toBeGreaterThan(0);
    expect(await page.locator("#chart figure").count()).toBe(1);
  }
  expect(violations).toEqual([]);
});

test("no SQL reaches another origin, a file or the settings", async () => {
  const page = await open();
  await answered(page);
  const attempts = [
    "SELECT * FROM read_csv('http://elsewhere.example/a.csv')",
    "SELECT * FROM 'http://elsewhere.example/a.parquet'",
    "SELECT json_extract(props, '$.hits') FROM events",
    "SELECT * FROM read_parquet('a.parquet')",
    "LOAD json",
    "LOAD 'http://elsewhere.example/json.wasm'",
    "ATTACH 'http://elsewhere.example/a.db'",
    "COPY events TO 'http://elsewhere.example/a.csv'",
    "SET enable_external_access = true",
    "SET autoload_known_extensions = true",
    "SET custom_extension_repository = 'http://elsewhere.example'",
  ];
  for (const sql of attempts) expect(await refusal(page, sql), sql).toMatch(/^[A-Za-z ]+ Error/);
  // In the browser INSTALL does nothing by itself; LOAD is what would fetch.
  await run(page, "INSTALL json FROM 'http://elsewhere.example'");
  expect(await refusal(page, "LOAD json")).toMatch(/Error/);
  // The engine is still the same one and still well.
  expect(await ask(page, "SELECT count(*) FROM events")).toEqual([[String(lake.events.length)]]);
  const origins = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin),
  );
  expect(new Set(origins)).toEqual(new Set([server.origin]));
  expect(trapped).toEqual([]);

  // The trap works: a page that does leave is seen.
  await page.goto("http://elsewhere.example/").catch(() => undefined);
  expect(trapped).toEqual(["http://elsewhere.example/"]);
});

test("SQL from a link waits for Run, a shipped question does not", async () => {
  const page = await open(`#q=${encodeURIComponent("SELECT 41 + 1 AS n")}`);
  await page.waitForFunction(() =>
    document.getElementById("load-status")?.textContent?.includes("events from"),
  );
  await page.waitForTimeout(500);
  expect(await page.textContent("#link-notice")).toContain("press Run");
  expect(await page.locator("#table td").count()).toBe(0);
  await page.click("#run-button");
  await answered(page);
  expect(await page.locator("#table td").allTextContents()).toEqual(["42"]);

  const other = await open("#question=funnel");
  await answered(other);
  expect(await other.locator("#table td").first().textContent()).toBe("page_view");
});

test("a second visit takes every part from the browser's cache", async () => {
  await answered(await open());
  const before = partRequests();
  expect(before).toBe(lake.parts.size);
  const page = await open();
  await answered(page);
  expect(partRequests()).toBe(before);
  expect(await page.textContent("#load-status")).toContain(`${lake.parts.size} of them kept by this browser`);
  expect(await ask(page, "SELECT count(*) FROM events")).toEqual([[String(lake.events.length)]]);
});

test("a range keeps exactly the events inside of it", async () => {
  const page = await open();
  await answered(page);
  await page.selectOption("#range-select", "custom");
  const minute = (ms: number) => Math.floor(ms / 60_000) * 60_000;
  const fromMs = minute(Date.now() - 3.3 * HOUR_MS);
  const toMs = minute(Date.now() - 1.4 * HOUR_MS);
  await page.fill("#from-input", new Date(fromMs).toISOString().slice(0, 16));
  await page.fill("#to-input", new Date(toMs).toISOString().slice(0, 16));
  await page.click("#load-button");
  await page.locator("#load-button").waitFor({ state: "visible" });
  const inside = lake.events.filter(({ occurredAtMs }) => occurredAtMs >= fromMs && occurredAtMs < toMs);
  expect(inside.length).toBeGreaterThan(0);
  expect(await ask(page, "SELECT count(*) FROM events")).toEqual([[String(inside.length)]]);
});

test("a query that never ends is stopped, and the next one answers", async () => {
  const page = await open();
  await answered(page);
  await type(page, "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5");
  await page.click("#run-button");
  await page.waitForFunction(() => document.getElementById("result-status")?.textContent === "Running…");
  await page.click("#stop-button");
  // Either it lets go, or its engine is replaced and the events are loaded again.
  await page.waitForFunction(() =>
    document.getElementById("result-status")?.textContent?.startsWith("Stopped."),
  );
  expect(await ask(page, "SELECT count(*) FROM events")).toEqual([[String(lake.events.length)]]);
});

test("an answer of more rows than the bound says so", async () => {
  const page = await open();
  await answered(page);
  await ask(page, "SELECT range FROM range(30000)");
  expect(await page.textContent("#result-status")).toContain("The first 10,000 rows; there are more");
  expect(await ask(page, "SELECT 7")).toEqual([["7"]]);
});

test("values of any length are cut, so that the page stays quick", async () => {
  const page = await open();
  await answered(page);
  const [[text = "", list = "", bytes = ""] = []] = await ask(
    page,
    "SELECT repeat('x', 20000000), range(2000000), encode(repeat('y', 2000000))",
  );
  expect(text.length).toBe(2000);
  expect(text).toContain("(20,000,000 characters)");
  expect(list).toMatch(/^\[0,1,2,.*,99,"… \(2,000,000 entries\)"\]$/);
  expect(bytes).toContain("(2,000,000 entries)");
});

test("who drops the events is told how to get them back", async () => {
  const page = await open();
  await answered(page);
  await run(page, "DROP TABLE events; SELECT 1");
  await answered(page);
  await run(page, "SELECT count(*) FROM events");
  await page.locator("#query-error").waitFor({ state: "visible" });
  expect(await page.textContent("#query-error")).toContain("Load the lake again");
  await page.click("#load-button");
  await answered(page);
  expect(await ask(page, "SELECT count(*) FROM events")).toEqual([[String(lake.events.length)]]);
});

test("a part whose bytes are not those of the manifest is refused in words", async () => {
  const [key = "", bytes = new Uint8Array()] = [...lake.parts][0] ?? [];
  lake.parts.set(
    key,
    bytes.map((byte, index) => (index === 100 ? byte ^ 1 : byte)),
  );
  const page = await open();
  await page.locator("#load-error").waitFor({ state: "visible" });
  expect(await page.textContent("#load-error")).toContain("do not match the manifest's sha256");
});

test("without a key the page asks for one, and says when it is wrong", async () => {
  await context.route("**/demo/keys.json", (route) => route.fulfill({ status: 404 }));
  const page = await open();
  await page.locator("#key-form").waitFor({ state: "visible" });
  await page.fill("#key-input", "rk_wrong");
  await page.keyboard.press("Enter");
  await page.locator("#load-error").waitFor({ state: "visible" });
  expect(await page.textContent("#load-error")).toContain("does not accept this read key");
  await page.fill("#key-input", "rk_demo");
  await page.keyboard.press("Enter");
  await answered(page);
  expect(await page.isVisible("#key-form")).toBe(false);
});

test("the keyboard alone runs a query, leaves the editor and keeps a query", async () => {
  const page = await open();
  await answered(page);
  await type(page, "SELECT 'kept' AS word");
  await page.keyboard.press("Control+Enter");
  await answered(page);
  expect(await page.locator("#table td").allTextContents()).toEqual(["kept"]);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("run-button");
  await page.focus("#save-input");
  await page.keyboard.type("My words");
  await page.keyboard.press("Enter");
  await page.reload();
  await answered(page);
  await page.locator("#saved-list .question").click();
  await answered(page);
  expect(await page.locator("#table td").allTextContents()).toEqual(["kept"]);
});

async function open(hash = ""): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.origin}/playground/${hash}`);
  return page;
}

/** The query under way has ended well. */
async function answered(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const status = document.getElementById("result-status")?.textContent ?? "";
    return / m?s\.$/.test(status) && (document.getElementById("stop-button") as HTMLElement).hidden;
  });
}

async function type(page: Page, sql: string): Promise<void> {
  // As a person does: select all, type. A script's own way of filling in is not what we ship.
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(sql);
}

async function run(page: Page, sql: string): Promise<void> {
  await type(page, sql);
  await page.click("#run-button");
  await page.waitForFunction(() => (document.getElementById("stop-button") as HTMLElement).hidden);
}

async function ask(page: Page, sql: string): Promise<string[][]> {
  await run(page, sql);
  expect(await page.locator("#query-error").isVisible(), (await page.textContent("#query-error")) ?? "").toBe(
    false,
  );
  await answered(page);
  return page
    .locator("#table tbody tr")
    .evaluateAll((rows) =>
      rows.slice(0, 10).map((row) => Array.from(row.children, (cell) => cell.textContent ?? "")),
    );
}

async function refusal(page: Page, sql: string): Promise<string> {
  await run(page, sql);
  return (await page.locator("#query-error").isVisible())
    ? ((await page.textContent("#query-error")) ?? "")
    : "";
}

function partRequests(): number {
  return server.requests.filter((request) => request.includes("/v1/lake/")).length;
}

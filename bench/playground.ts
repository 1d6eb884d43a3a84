/**
 * `npm run bench:playground [-- ROWS [HOURS]]`: how long the playground takes in a real Chromium.
 *
 * Cold: a browser profile that has nothing. Warm: the same profile again, with the engines and the parts in
 * its caches. The clock runs from the request for the page to the first answer on the screen.
 */
import { chromium, type Page } from "playwright-core";
import { buildPage, servePage } from "../playground/testing/page-server.ts";
import { shopLake } from "../playground/testing/shop-lake.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
/** Events of a session of shop-lake.ts, on average. */
const EVENTS_PER_SESSION = 26 / 6;
const rows = Number(process.argv[2] ?? 100_000);
/** Hours of event time they are spread over: the number of parts. */
const hours = Number(process.argv[3] ?? 20);

const built = await buildPage();
const lake = shopLake({
  sessions: Math.ceil(rows / EVENTS_PER_SESSION),
  untilMs: Date.now() - 60_000,
  spanMs: hours * 3_600_000,
});
const bytes = lake.manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
console.log(
  `${lake.events.length} events, ${lake.parts.size} parts, ${(bytes / 1e6).toFixed(1)} MB of Parquet`,
);

const server = await servePage(lake, built.folder);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext();
for (const visit of ["cold", "warm", "warm"]) {
  const page = await context.newPage();
  await page.goto(`${server.origin}/playground/`);
  await page.selectOption("#range-select", "all");
  await answered(page);
  const firstMs = await page.evaluate(() => performance.now());
  const load = (await page.textContent("#load-status")) ?? "";
  const loadMs = Number(/in ([\d.]+) s/.exec(load)?.[1]) * 1000;
  console.log(
    `${visit}: first answer ${(firstMs / 1000).toFixed(2)} s, load with engine start ${(loadMs / 1000).toFixed(2)} s`,
  );
  await page.click("#load-button");
  await page.locator("#load-button").waitFor({ state: "visible" });
  const again = /in ([\d.]+) (m?s)/.exec((await page.textContent("#load-status")) ?? "");
  const againMs = Number(again?.[1]) * (again?.[2] === "s" ? 1000 : 1);
  console.log(
    `${visit}: again, engine up, parts cached ${(againMs / 1000).toFixed(2)} s, ${Math.round((lake.events.length / againMs) * 1000)} rows/s`,
  );
  if (visit === "cold") await questions(page);
  await page.close();
}
await browser.close();
await server.close();
built.remove();

/** Every shipped question once, as the page itself times it. */
async function questions(page: Page): Promise<void> {
  for (const button of await page.locator("#question-list button").all()) {
    await answered(page);
    await button.click();
    await answered(page);
    console.log(`  ${await button.textContent()}: ${await page.textContent("#result-status")}`);
  }
}

async function answered(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const busy = !(document.getElementById("stop-button") as HTMLElement).hidden;
    return !busy && /s\.$/.test(document.getElementById("result-status")?.textContent ?? "");
  });
}

import { type Api, collectorApi } from "./api.ts";
import { byId, setAttribute, setText } from "./dom.ts";
import { LiveConnection } from "./live-connection.ts";
import { BudgetNotice } from "./panels/budget-notice.ts";
import { TrafficChart } from "./panels/chart.ts";
import { Feed } from "./panels/feed.ts";
import { renderFunnel } from "./panels/funnel.ts";
import { renderHealth } from "./panels/health.ts";
import { enableHints } from "./panels/hint.ts";
import { KeyForm, keyProblem } from "./panels/key-form.ts";
import { renderTop } from "./panels/products.ts";
import { fillStart } from "./panels/start.ts";
import { renderTiles } from "./panels/tiles.ts";
import { TotalsPanel } from "./panels/totals.ts";
import { demoKeys, keepReadKey, storedReadKey } from "./read-key.ts";
import { type Change, type DashboardState, INITIAL_STATE, isStale, isUnborn, reduce } from "./state.ts";

/** How often ages are counted on. */
const TICK_MS = 1000;

const nowMs = (): number => Date.now();
const fetcher: typeof fetch = (input, init) => fetch(input, init);

let state: DashboardState = INITIAL_STATE;
let drawnMessage: DashboardState["message"] = null;
let isDrawDue = false;
let current: { api: Api; live: LiveConnection } | undefined;

const chart = new TrafficChart();
const feed = new Feed();
const totals = new TotalsPanel(nowMs);
const budgetNotice = new BudgetNotice();
const keyForm = new KeyForm(watch);

async function begin(): Promise<void> {
  renderTop([]);
  renderFunnel("funnel-rows", []);
  enableHints();
  setText(byId("zone"), `in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`);
  const demo = await demoKeys(fetcher);
  fillStart(demo?.writeKey ?? null, demo !== null);
  const key = storedReadKey() ?? demo?.readKey;
  if (key !== undefined) {
    watch(key);
    return;
  }
  setText(byId("connection"), "No key yet");
  keyForm.show();
}

/** Shows the site of this key from now on. */
function watch(key: string): void {
  current?.live.pause();
  totals.pause();
  budgetNotice.pause();
  keepReadKey(key);
  keyForm.hide();
  byId("forget-key").hidden = false;
  const api = collectorApi(key, fetcher);
  const live = new LiveConnection({
    api,
    openSocket,
    onMessage: (message) => change({ type: "message", message, atMs: nowMs() }),
    onConnection: (connection) => {
      if (connection.phase === "refused") refuse(connection.code);
      change({ type: "connection", connection });
    },
    nowMs,
    random: Math.random,
  });
  current = { api, live };
  state = INITIAL_STATE;
  // The places of the numbers stand from the start, but never with the numbers of another site in them.
  byId("board").hidden = drawnMessage !== null;
  resume();
}

function refuse(code: string): void {
  leave();
  keyForm.show(keyProblem(code));
}

/** Forgets the key of this tab and the numbers that it opened. */
function leave(): void {
  current?.live.pause();
  totals.pause();
  budgetNotice.pause();
  current = undefined;
  keepReadKey(null);
  byId("board").hidden = true;
  setText(byId("site"), "");
  byId("start-panel").hidden = true;
  byId("forget-key").hidden = true;
  byId("budget-notice").hidden = true;
}

function resume(): void {
  if (current === undefined) return;
  if (document.visibilityState === "hidden") {
    current.live.pause();
    totals.pause();
    budgetNotice.pause();
    return;
  }
  current.live.start();
  totals.start(current.api);
  budgetNotice.start(current.api);
}

function openSocket(ticket: string): WebSocket {
  const url = new URL("/v1/live", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  return new WebSocket(url);
}

/** However many changes come within one frame, the page is drawn once. */
function change(next: Change): void {
  state = reduce(state, next);
  if (isDrawDue) return;
  isDrawDue = true;
  requestAnimationFrame(() => {
    isDrawDue = false;
    draw();
  });
}

function draw(): void {
  renderHealth(state, nowMs());
  const board = byId("board");
  if (isStale(state)) setAttribute(board, "data-stale", "");
  else board.removeAttribute("data-stale");

  const { message } = state;
  if (message === null || message === drawnMessage) return;
  drawnMessage = message;
  byId("board").hidden = false;
  setText(byId("site"), message.site);
  byId("start-panel").hidden = !isUnborn(state);
  renderTiles(message);
  chart.render(message);
  renderTop(message.top);
  renderFunnel("funnel-rows", message.funnel);
  feed.render(message.newest);
}

document.addEventListener("visibilitychange", resume);
window.addEventListener("online", resume);
byId("forget-key").addEventListener("click", () => {
  leave();
  change({ type: "connection", connection: { phase: "paused" } });
  keyForm.show();
});
setInterval(() => {
  if (current !== undefined) renderHealth(state, nowMs());
}, TICK_MS);
void begin();

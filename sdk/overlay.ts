import type { Receipt } from "../collector/event/batch.ts";
import { segmentNames } from "./disk.ts";
import { firstSeq } from "./log.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";

const LOOK_EVERY_MS = 250;
/** Lines that are shown; older ones are scrolled out for good. */
const LINES_MAX = 200;

let isStarted = false;

/** For developers, on pages opened with `?tm-debug`: events as they are logged, sent and answered, and what was given up. */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  const { list, title } = openPanel();
  const shown = new Map<string, HTMLElement>();

  const look = safe(() => {
    const waiting = new Set<string>();
    // Storage has an order of its own, by name at best: "tm:…:9" after "tm:…:10".
    for (const name of segmentNames(page.disk).sort((a, b) => firstSeq(a) - firstSeq(b))) {
      const [, stream = ""] = name.split(":");
      const first = firstSeq(name);
      const [, ...lines] = (page.disk[name] ?? "").split("\n");
      lines.forEach((line, index) => {
        const id = `${stream} ${first + index}`;
        waiting.add(id);
        if (!shown.has(id)) shown.set(id, addLine(list, describe(line, first + index)));
      });
    }
    for (const [id, element] of shown) {
      element.dataset.state = waiting.has(id) ? "logged" : "delivered";
      element.style.opacity = waiting.has(id) ? "1" : "0.6";
      // What still waits is remembered, or the next look would show it once more.
      if (!element.isConnected && !waiting.has(id)) shown.delete(id);
    }
    const dropped = Object.entries(page.dropped ?? {}).map(([reason, count]) => ` · ${count} ${reason}`);
    title.textContent = `Tidemark: ${waiting.size} waiting${page.isHeld ? ", held back" : ""}${dropped.join("")}`;
  });
  const { onLogged } = page;
  page.onLogged = () => {
    onLogged?.();
    look();
  };
  setInterval(look, LOOK_EVERY_MS);
  look();
  hearReceipts(page, (text) => addLine(list, text));
}

/** Only here, in a page that asked for it, is somebody else's function wrapped. */
function hearReceipts(page: Page, say: (text: string) => void): void {
  const send = self.fetch;
  self.fetch = async (input, init) => {
    const isBatch = String(input).startsWith(page.batchesUrl) && init?.method === "POST";
    if (!isBatch) return send(input, init);
    try {
      const response = await send(input, init);
      const copy = response.clone();
      void copy
        .json()
        .then((answer: Receipt) => say(response.ok ? receiptLine(answer) : `✗ ${response.status}`))
        .catch(() => say(`✗ ${response.status}`));
      return response;
    } catch (error) {
      say("✗ no answer");
      throw error;
    }
  };
}

function receiptLine({ receipt, accepted, duplicate, quarantined, refused, errors = [] }: Receipt): string {
  const counts = Object.entries({ accepted, duplicate, quarantined, refused }).filter(
    ([, count]) => count > 0,
  );
  const faults = errors.map(({ pointer, code }) => `\n    ${pointer}: ${code}`);
  return `✓ ${receipt}: ${counts.map(([name, count]) => `${count} ${name}`).join(", ")}${faults.join("")}`;
}

function describe(line: string, seq: number): string {
  const { name, occurredAtMs, ...params } = JSON.parse(line) as Record<string, unknown>;
  return `${seq} ${String(name)} ${JSON.stringify(params)}`;
}

function addLine(list: HTMLElement, text: string): HTMLElement {
  const line = document.createElement("li");
  line.textContent = text;
  list.prepend(line);
  if (list.children.length > LINES_MAX) list.lastElementChild?.remove();
  return line;
}

/** Styles are set one by one: a page's Content-Security-Policy may forbid a style element. */
function openPanel(): { list: HTMLElement; title: HTMLElement } {
  const host = document.createElement("tidemark-debug");
  Object.assign(host.style, {
    position: "fixed",
    insetInlineEnd: "8px",
    insetBlockEnd: "8px",
    inlineSize: "min(28rem, 90vw)",
    zIndex: "2147483647",
  });
  const details = document.createElement("details");
  details.open = true;
  Object.assign(details.style, {
    font: "12px/1.5 ui-monospace, monospace",
    color: "#e8f0f2",
    background: "#10242b",
    border: "1px solid #3d6470",
    borderRadius: "6px",
    boxShadow: "0 4px 16px #0006",
  });
  const title = document.createElement("summary");
  Object.assign(title.style, { padding: "6px 10px", cursor: "pointer", fontWeight: "600" });
  const list = document.createElement("ol");
  Object.assign(list.style, {
    listStyle: "none",
    margin: "0",
    padding: "0 10px 8px",
    maxBlockSize: "14rem",
    overflow: "auto",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  });
  details.append(title, list);
  host.attachShadow({ mode: "open" }).append(details);
  document.documentElement.append(host);
  return { list, title };
}

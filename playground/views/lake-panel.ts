import type { Database } from "../database.ts";
import { byId, h } from "../element.ts";
import { parseUtcField, RANGES, type RangeId, rangeOf, type TimeRange, toUtcField } from "../range.ts";
import { demoReadKey, rememberReadKey, storedReadKey } from "../read-key.ts";
import { counted, readableBytes, readableDuration, readableNumber, timeText } from "../result/format.ts";
import { type LakeLoad, type LoadProgress, loadLake } from "../sources/lake.ts";
import { LakeError } from "../sources/lake-api.ts";

const FIRST_RANGE: RangeId = "24h";

export interface LakePanel {
  /** Settles when the load under way has ended, well or not. */
  settled(): Promise<void>;
  /** Loads the chosen range again. */
  reload(): void;
  /** A load has succeeded since the page was opened. */
  loaded(): boolean;
}

/**
 * The strip on top: which time range of the lake is in the table, and how much of the truth that is.
 * It loads by itself once; when the first range is empty but the lake is not, it takes the whole lake.
 */
export function createLakePanel(database: () => Promise<Database>, onLoaded: () => void): LakePanel {
  const rangeSelect = byId("range-select", HTMLSelectElement);
  const custom = byId("custom-range", HTMLElement);
  const from = byId("from-input", HTMLInputElement);
  const to = byId("to-input", HTMLInputElement);
  const loadButton = byId("load-button", HTMLButtonElement);
  const stopButton = byId("stop-load-button", HTMLButtonElement);
  const progressBar = byId("load-progress", HTMLProgressElement);
  const status = byId("load-status", HTMLElement);
  const cutNote = byId("lake-cut", HTMLElement);
  const errorBox = byId("load-error", HTMLElement);
  const keyForm = byId("key-form", HTMLFormElement);
  const rangeForm = byId("range-form", HTMLFormElement);
  const keyInput = byId("key-input", HTMLInputElement);

  rangeSelect.append(...RANGES.map(({ id, label }) => h("option", { value: id }, label)));
  rangeSelect.value = FIRST_RANGE;

  let readKey: string | undefined;
  let demoKey: Promise<string | undefined> | undefined;
  let loaded = false;
  let running: { stop: AbortController; done: Promise<void> } | undefined;

  const showCustom = () => {
    custom.hidden = rangeSelect.value !== "custom";
    if (custom.hidden || from.value || to.value) return;
    const nowMs = Date.now();
    from.value = toUtcField(nowMs - 24 * 3_600_000);
    to.value = toUtcField(nowMs);
  };
  const chosenRange = (): TimeRange | string => {
    const id = rangeSelect.value as RangeId;
    const fromMs = parseUtcField(from.value);
    const toMs = parseUtcField(to.value);
    if (id === "custom" && fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
      return "The range ends before it begins.";
    }
    return rangeOf(id, Date.now(), {
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
    });
  };

  const fail = (message: string, needsKey: boolean) => {
    errorBox.textContent = message;
    errorBox.hidden = false;
    status.textContent = "The lake was not loaded.";
    if (needsKey) askForKey();
  };
  const askForKey = () => {
    keyForm.hidden = false;
    rangeForm.hidden = true;
    keyInput.focus();
  };

  const run = async (signal: AbortSignal, first: boolean) => {
    const range = chosenRange();
    if (typeof range === "string") return fail(range, false);
    demoKey ??= demoReadKey();
    const demo = await demoKey;
    byId("demo-link", HTMLElement).hidden = demo === undefined;
    readKey ??= storedReadKey() ?? demo;
    if (!readKey) {
      status.textContent = "Which shop's lake do you want to open?";
      return askForKey();
    }
    progressBar.removeAttribute("value");
    status.textContent = "Looking for parts…";
    const onProgress = (progress: LoadProgress) => showProgress(progress);
    const load = await loadLake(database(), { range, readKey, signal, onProgress });
    if (
      first &&
      load.plan.parts.length === 0 &&
      load.plan.skippedParts === 0 &&
      rangeSelect.value !== "all"
    ) {
      rangeSelect.value = "all";
      return run(signal, false);
    }
    await showLoad(load);
    loaded = true;
    onLoaded();
  };

  const start = (first: boolean) => {
    running?.stop.abort();
    const stop = new AbortController();
    const before = running?.done;
    const done = (async () => {
      await before;
      errorBox.hidden = true;
      keyForm.hidden = true;
      rangeForm.hidden = false;
      setBusy(true);
      try {
        await run(stop.signal, first);
      } catch (error) {
        if (stop.signal.aborted) status.textContent = "Stopped. The table holds what had arrived until then.";
        else if (error instanceof LakeError) {
          if (error.needsKey) readKey = undefined;
          fail(error.message, error.needsKey);
        } else {
          fail(error instanceof Error ? error.message : String(error), false);
        }
      } finally {
        if (running?.stop === stop) setBusy(false);
      }
    })();
    running = { stop, done };
  };

  const setBusy = (busy: boolean) => {
    loadButton.hidden = busy;
    stopButton.hidden = !busy;
    progressBar.hidden = !busy;
  };
  const showProgress = ({ parts, partsDone, rowsDone }: LoadProgress) => {
    progressBar.max = parts;
    progressBar.value = partsDone;
    status.textContent = `Loading part ${readableNumber(partsDone)} of ${readableNumber(parts)}, ${counted(rowsDone, "event")} so far…`;
  };
  const showLoad = async ({ plan, cut, rows, cachedParts, elapsedMs }: LakeLoad) => {
    const newest = await (await database()).query("SELECT max(occurred_at) FROM events");
    const newestMs = newest.rows[0]?.[0];
    const source = cachedParts > 0 ? `, ${readableNumber(cachedParts)} of them kept by this browser` : "";
    status.textContent =
      rows === 0
        ? "No events of this range are in the lake."
        : `${counted(rows, "event")} from ${counted(plan.parts.length, "part")} (${readableBytes(plan.bytes)}${source}) in ${readableDuration(elapsedMs)}.`;
    const pending = cut.reduce((sum, { pendingEvents }) => sum + pendingEvents, 0);
    const notes = [
      ...(typeof newestMs === "number" ? [`Newest event ${timeText(newestMs).slice(0, 19)} UTC.`] : []),
      pending === 0
        ? "The lake is complete: no accepted event is missing."
        : `${counted(pending, "accepted event")} not in the lake yet.`,
      ...(plan.skippedParts > 0
        ? [
            `The oldest ${counted(plan.skippedParts, "part")} with ${counted(plan.skippedRows, "event")} were left out: too many for a tab.`,
          ]
        : []),
    ];
    cutNote.textContent = notes.join(" ");
    cutNote.hidden = false;
  };

  rangeSelect.addEventListener("change", () => {
    showCustom();
    if (rangeSelect.value !== "custom") start(false);
  });
  rangeForm.addEventListener("submit", (event) => {
    event.preventDefault();
    start(false);
  });
  stopButton.addEventListener("click", () => running?.stop.abort());
  keyForm.addEventListener("submit", (event) => {
    event.preventDefault();
    readKey = keyInput.value.trim();
    if (!readKey) return keyInput.focus();
    rememberReadKey(readKey);
    start(false);
  });
  start(true);
  return {
    loaded: () => loaded,
    reload: () => start(false),
    async settled() {
      while (running) {
        const { done } = running;
        await done;
        if (running?.done === done) return;
      }
    },
  };
}

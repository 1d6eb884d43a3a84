import { ANSWER_ROWS_MAX, type Answer, type Database } from "../database.ts";
import { EngineLost } from "../duckdb-database.ts";
import { byId } from "../element.ts";
import { planChart } from "../result/chart-plan.ts";
import { toCsv } from "../result/csv.ts";
import { counted, readableDuration, readableNumber } from "../result/format.ts";
import { showChart } from "./chart.ts";
import { resultTable } from "./result-table.ts";

export interface QueryPanel {
  /** Runs SQL in place of what runs now. */
  run(sql: string): void;
  /** The words beside the buttons. */
  say(text: string): void;
}

/** Run and stop, what came of it, and the ways to take it along. */
export function createQueryPanel(
  database: () => Promise<Database>,
  settled: () => Promise<void>,
  onEngineLost: () => void,
): QueryPanel {
  const runButton = byId("run-button", HTMLButtonElement);
  const stopButton = byId("stop-button", HTMLButtonElement);
  const errorBox = byId("query-error", HTMLElement);
  const status = byId("result-status", HTMLElement);
  const resultActions = byId("result-actions", HTMLElement);
  const actionStatus = byId("action-status", HTMLElement);
  const chartHost = byId("chart", HTMLElement);
  const tableHost = byId("table", HTMLElement);

  let current: AbortController | undefined;
  let answer: Answer | undefined;
  let clearChart: () => void = () => undefined;

  const say = (text: string) => {
    actionStatus.textContent = text;
  };

  const show = async (next: Answer, elapsedMs: number) => {
    answer = next;
    const rows = next.more
      ? `The first ${readableNumber(ANSWER_ROWS_MAX)} rows; there are more`
      : counted(next.rows.length, "row");
    status.textContent = `${rows}, ${readableDuration(elapsedMs)}.`;
    resultActions.hidden = next.columns.length === 0;
    clearChart();
    clearChart = await showChart(chartHost, planChart(next));
    tableHost.replaceChildren(...(next.columns.length > 0 ? [resultTable(next)] : []));
  };

  const run = async (sql: string, { signal }: AbortController) => {
    status.textContent = "Waiting for the lake…";
    await settled();
    const engine = await database();
    signal.throwIfAborted();
    status.textContent = "Running…";
    const startedMs = performance.now();
    const next = await engine.query(sql, { signal });
    await show(next, performance.now() - startedMs);
  };

  const start = (sql: string) => {
    current?.abort();
    const own = new AbortController();
    current = own;
    errorBox.hidden = true;
    say("");
    setBusy(true);
    run(sql, own)
      .catch((error: unknown) => {
        if (current !== own) return;
        if (error instanceof EngineLost) {
          status.textContent = "Stopped. The engine had to start anew, and the events are loaded again.";
          onEngineLost();
          return;
        }
        if (own.signal.aborted) {
          status.textContent = "Stopped.";
          return;
        }
        errorBox.textContent = error instanceof Error ? error.message : String(error);
        errorBox.hidden = false;
        status.textContent = "The query failed; the message is below the editor.";
      })
      .finally(() => {
        if (current === own) setBusy(false);
      });
  };

  const setBusy = (busy: boolean) => {
    runButton.disabled = busy;
    stopButton.hidden = !busy;
  };

  stopButton.addEventListener("click", () => {
    current?.abort();
    runButton.focus();
  });
  byId("copy-csv-button", HTMLButtonElement).addEventListener("click", () => {
    if (!answer) return;
    navigator.clipboard.writeText(toCsv(answer)).then(
      () => say("Copied as CSV."),
      () => say("The browser did not allow copying. Download it instead."),
    );
  });
  byId("download-csv-button", HTMLButtonElement).addEventListener("click", () => {
    if (answer) download(toCsv(answer), "tidemark.csv");
  });
  return { run: start, say };
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

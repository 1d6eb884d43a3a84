import type { Answer, AnswerColumn, Cell } from "../database.ts";
import { h } from "../element.ts";
import { CELL_LENGTH_MAX, cutText } from "../result/cut-text.ts";
import { columnFormatter, counted, readableNumber } from "../result/format.ts";

/** Rows that are drawn at once; the rest follow on request, so that a page stays quick. */
const ROWS_AT_ONCE = 500;

/** The answer as a table: numbers to the right, NULL in its own words, `ROWS_AT_ONCE` rows at a time. */
export function resultTable({ columns, rows }: Answer): HTMLElement {
  const format = columns.map((column, index) =>
    columnFormatter(
      column,
      rows.map((row) => row[index] ?? null),
    ),
  );
  const body = h("tbody");
  const table = h(
    "table",
    { className: "table result-table" },
    h("caption", { className: "visually-hidden" }, `Result: ${counted(rows.length, "row")}`),
    h("thead", {}, h("tr", {}, ...columns.map(headCell))),
    body,
  );
  const more = h("button", { type: "button", className: "button", on: { click: () => append() } });
  let shown = 0;
  const append = () => {
    const next = rows.slice(shown, shown + ROWS_AT_ONCE);
    body.append(
      ...next.map((row) =>
        h(
          "tr",
          {},
          ...row.map((cell, index) =>
            bodyCell(cell, columns[index] as AnswerColumn, format[index] as (cell: Cell) => string),
          ),
        ),
      ),
    );
    shown += next.length;
    const left = rows.length - shown;
    more.hidden = left === 0;
    more.textContent =
      left > ROWS_AT_ONCE
        ? `Show ${ROWS_AT_ONCE} more of ${readableNumber(left)} rows`
        : `Show the last ${counted(left, "row")}`;
  };
  append();
  // It scrolls by itself, so the keyboard has to reach it.
  const scroller = h(
    "div",
    { className: "scroller", tabIndex: 0, role: "region", aria: { "aria-label": "Result table" } },
    table,
  );
  return h("div", { className: "result-box" }, scroller, more);
}

function headCell({ name, kind }: AnswerColumn): HTMLElement {
  return h("th", { scope: "col", className: kind === "number" ? "number" : "" }, name);
}

function bodyCell(cell: Cell, { kind }: AnswerColumn, format: (cell: Cell) => string): HTMLElement {
  if (cell === null) return h("td", { className: kind === "number" ? "number null" : "null" }, "null");
  const className = kind === "number" ? "number" : kind === "time" || kind === "date" ? "time" : "";
  return h("td", { className }, cutText(format(cell), CELL_LENGTH_MAX));
}

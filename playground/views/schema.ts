import { EVENT_COLUMNS } from "../../collector/event/columns.ts";
import { h } from "../element.ts";

interface TableInfo {
  name: string;
  description: string;
  columns: { name: string; type: string; description: string }[];
}

const EVENTS: TableInfo = {
  name: "events",
  description: "One row for each accepted event.",
  columns: EVENT_COLUMNS.map(({ name, type, description }) => ({ name, type, description })),
};

const ITEMS: TableInfo = {
  name: "items",
  description: "One row for each item of an event.",
  columns: [
    ...["session", "visitor", "stream", "seq"].map(eventColumn),
    { name: "event", type: "VARCHAR", description: "Name of the event." },
    ...["occurred_at", "order_id", "search_term", "item_list_id", "currency"].map(eventColumn),
    ...EVENT_COLUMNS.flatMap((column) =>
      "fields" in column && column.name === "items"
        ? column.fields.map((field) => ({ ...field, description: "Of the item." }))
        : [],
    ),
  ],
};

const ORDERS: TableInfo = {
  name: "orders",
  description: "The first purchase of each order_id, with the columns of events.",
  columns: ["order_id", "occurred_at", "value_minor", "currency", "session", "visitor", "items"].map(
    eventColumn,
  ),
};

const FUNCTIONS: TableInfo = {
  name: "Functions",
  description: "Beside those of DuckDB.",
  columns: [
    {
      name: "major(value_minor, currency)",
      type: "DOUBLE",
      description: "Minor units as the amount people read.",
    },
    { name: "prop(props, 'name')", type: "VARCHAR", description: "One own property of an event." },
  ],
};

/** For the editor's completion. */
export const SCHEMA: Record<string, readonly string[]> = Object.fromEntries(
  [EVENTS, ITEMS, ORDERS].map(({ name }) => [
    name,
    (name === "items" ? ITEMS : EVENTS).columns.map((column) => column.name),
  ]),
);

/** The tables with their columns; a click, or Enter, puts a name into the editor. */
export function schemaView(onPick: (text: string) => void): Node[] {
  return [EVENTS, ITEMS, ORDERS, FUNCTIONS].map(({ name, description, columns }, index) =>
    h(
      "details",
      { className: "table-info", open: index === 0 },
      h(
        "summary",
        {},
        h("span", { className: index < 3 ? "mono" : "" }, name),
        h("span", { className: "note" }, ` ${description}`),
      ),
      h(
        "ul",
        { className: "columns" },
        ...columns.map((column) => h("li", {}, columnButton(column, onPick))),
      ),
    ),
  );
}

function columnButton(
  { name, type, description }: TableInfo["columns"][number],
  onPick: (text: string) => void,
): HTMLButtonElement {
  const text = name === "user" ? '"user"' : name;
  return h(
    "button",
    { type: "button", className: "column", title: description, on: { click: () => onPick(text) } },
    h("span", { className: "mono" }, name),
    h("span", { className: "type" }, type.startsWith("STRUCT") ? "STRUCT[]" : type),
  );
}

function eventColumn(name: string): TableInfo["columns"][number] {
  const found = EVENT_COLUMNS.find((column) => column.name === name);
  if (!found) throw new Error(`events has no column "${name}"`);
  return { name, type: found.type, description: found.description };
}

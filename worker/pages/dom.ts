/** The few words of DOM that the panels need. Text only ever enters the page through `textContent`. */

export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element as E;
}

/** Touches the document only when something changed, so that a selection or a tooltip survives a refresh. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** What a cell shows: text, or text with a name for the style sheet and the whole of what was cut. */
export type Cell = string | { text: string; title?: string; className?: string };

/**
 * Rows of a table body: the first cell of each is its heading. Rows and cells are reused, so that
 * a refresh moves nothing; `rowsMin` empty rows keep the height while there is little to show.
 */
export function renderRows(
  body: HTMLElement,
  rows: Cell[][],
  { columns, rowsMin = 0 }: { columns: number; rowsMin?: number },
): void {
  const total = Math.max(rows.length, rowsMin);
  while (body.children.length > total) body.lastElementChild?.remove();
  while (body.children.length < total) body.append(emptyRow(columns));
  for (let at = 0; at < total; at++) {
    const row = rows[at];
    const element = body.children[at] as HTMLElement;
    if (row) element.removeAttribute("aria-hidden");
    else element.setAttribute("aria-hidden", "true");
    for (let column = 0; column < columns; column++) {
      renderCell(element.children[column]?.firstElementChild as HTMLElement, row?.[column] ?? "\u00a0");
    }
  }
}

function emptyRow(columns: number): HTMLElement {
  const row = create("tr");
  for (let column = 0; column < columns; column++) {
    // Names come from shops and shoppers: `bdi` keeps their writing direction to themselves.
    const cell = column === 0 ? create("th", { scope: "row" }) : create("td", { class: "number" });
    cell.append(create("bdi"));
    row.append(cell);
  }
  return row;
}

function renderCell(element: HTMLElement, cell: Cell): void {
  const { text, title, className }: Exclude<Cell, string> = typeof cell === "string" ? { text: cell } : cell;
  setText(element, text);
  setAttribute(element, "class", className ?? "");
  if (title) setAttribute(element, "title", title);
  else element.removeAttribute("title");
}

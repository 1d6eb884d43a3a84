import type { QuarantineEntry } from "../../../collector/event/quarantine.ts";
import { byId, create, setAttribute, setText } from "../dom.ts";
import { formatAge, formatCount } from "../format.ts";
import { eventPointer } from "./pointed-json.ts";

/** The events of a filter as buttons, newest first. Arrow keys, Home and End go along them. */
export class EntryList {
  readonly #list: HTMLElement = byId("entries");
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #onSelect: (entry: QuarantineEntry) => void;

  constructor(onSelect: (entry: QuarantineEntry) => void) {
    this.#onSelect = onSelect;
    this.#list.addEventListener("keydown", (event) => this.#move(event));
  }

  clear(): void {
    this.#list.replaceChildren();
    this.#buttons.clear();
  }

  add(entries: readonly QuarantineEntry[], nowMs: number): void {
    for (const entry of entries) {
      const button = create("button", { type: "button", class: "entry", "data-id": entry.id });
      this.#buttons.set(entry.id, button);
      this.#list.append(create("li", {}, button));
      this.update(entry, nowMs);
    }
  }

  /** Draws what became of an event where it is, so that nothing moves under the hand. */
  update(entry: QuarantineEntry, nowMs: number): void {
    const button = this.#buttons.get(entry.id);
    if (!button) return;
    const state = entry.state === "open" ? "" : entry.state;
    button.replaceChildren(
      create("span", { class: "code" }, entry.code),
      create("span", { class: "age" }, formatAge(nowMs - entry.receivedAtMs)),
      create("span", { class: "what" }, create("bdi", {}, whatOf(entry))),
      create("span", { class: "from" }, state || entry.source),
    );
    setAttribute(button, "data-state", entry.state);
    button.onclick = () => this.#onSelect(entry);
  }

  mark(id: string): void {
    for (const [known, button] of this.#buttons) {
      if (known === id) setAttribute(button, "aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  focus(id: string): void {
    this.#buttons.get(id)?.focus();
  }

  #move(event: KeyboardEvent): void {
    const buttons = [...this.#buttons.values()];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at === -1) return;
    event.preventDefault();
    buttons[Math.min(Math.max(to, 0), buttons.length - 1)]?.focus();
  }
}

/** Its name and its pointer, as far as there are any. */
function whatOf({ payload, pointer }: QuarantineEntry): string {
  let name: unknown;
  try {
    name = (JSON.parse(payload) as { name?: unknown } | null)?.name;
  } catch {
    // Dropped: there is no payload any more.
  }
  const place = eventPointer(pointer);
  return typeof name === "string" && place !== "/name" ? `${name} · ${place}` : place;
}

/** Fills a small count above the list; undefined while it is not known. */
export function renderCount(id: string, count: number | undefined, level: "warn" | "none"): void {
  const chip = byId(id);
  setText(chip, count === undefined ? "–" : formatCount(count));
  setAttribute(chip, "data-level", count ? level : "none");
}

import type { LiveEvent } from "../../../collector/event/live.ts";
import { byId, create, setAttribute, setText } from "../dom.ts";
import { eventLine } from "../event-line.ts";
import { formatNoun, formatTime } from "../format.ts";

/**
 * The newest events. It stands still while someone points at it, has the focus in it, or pressed Pause,
 * and then says how much has come meanwhile.
 */
export class Feed {
  readonly #list: HTMLElement = byId("feed");
  readonly #rows = new Map<string, HTMLElement>();
  #events: readonly LiveEvent[] = [];
  #isPointedAt = false;
  #isPaused = false;

  constructor() {
    const scroll = this.#list.parentElement ?? this.#list;
    const pointAt = (isPointedAt: boolean) => () => {
      this.#isPointedAt = isPointedAt;
      this.#draw();
    };
    scroll.addEventListener("pointerenter", pointAt(true));
    scroll.addEventListener("pointerleave", pointAt(false));
    scroll.addEventListener("focusin", pointAt(true));
    scroll.addEventListener("focusout", pointAt(false));
    byId("feed-pause").addEventListener("click", () => {
      this.#isPaused = !this.#isPaused;
      this.#draw();
    });
  }

  render(events: readonly LiveEvent[]): void {
    this.#events = events;
    this.#draw();
  }

  #draw(): void {
    const isStill = this.#isPaused || this.#isPointedAt;
    if (!isStill) this.#drawRows();
    const waiting = isStill ? this.#events.filter((event) => !this.#rows.has(keyOf(event))).length : 0;
    setText(byId("feed-state"), isStill ? `Paused, ${formatNoun(waiting, "new event")}` : "");
    const button = byId("feed-pause");
    setText(button, this.#isPaused ? "Resume" : "Pause");
    setAttribute(button, "aria-pressed", String(this.#isPaused));
    byId("feed-empty").hidden = this.#events.length > 0;
  }

  #drawRows(): void {
    const keys = new Set(this.#events.map(keyOf));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    for (const [at, event] of this.#events.entries()) {
      const key = keyOf(event);
      const row = this.#rows.get(key) ?? eventRow(event);
      this.#rows.set(key, row);
      const there = this.#list.children[at] ?? null;
      if (there !== row) this.#list.insertBefore(row, there);
    }
  }
}

/** The identity of an event. */
function keyOf(event: LiveEvent): string {
  return `${event.stream}\n${event.seq}`;
}

function eventRow(event: LiveEvent): HTMLElement {
  const { verb, object, isQuote, money } = eventLine(event);
  const time = create(
    "time",
    { datetime: isoTime(event.occurredAtMs) },
    formatTime(event.occurredAtMs, "seconds"),
  );
  // `bdi`: what a shopper typed keeps its writing direction to itself; the quotation marks are ours.
  const words = create("bdi", {}, object);
  const what = create(
    "span",
    { class: "what", title: `${event.name} ${object}`.trim() },
    create("span", { class: "verb" }, verb),
    " ",
    isQuote ? create("q", {}, words) : words,
  );
  return create("li", { "data-name": event.name }, time, what, create("span", { class: "money" }, money));
}

function isoTime(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

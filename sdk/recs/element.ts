import type { Recommendation } from "../../collector/event/recommendation.ts";
import type { Page } from "../part.ts";
import { safe } from "../safe.ts";
import { card, create, drawn, isDrawable } from "./card.ts";
import { Impression } from "./impression.ts";
import type { List } from "./list.ts";
import { ASKING, type Question, questionOf } from "./question.ts";
import { Room } from "./room.ts";
import type { Strip, Strips } from "./strips.ts";
import { STYLE } from "./style.ts";

/** The row stands still, and its visitor has looked, so long after it was last scrolled. */
const STILL_AFTER_MS = 1500;
const NOT_HERE = new AbortController();
NOT_HERE.abort();
const LABEL = "Recommendations";
/** Half of the strip, or of the window where the strip is larger than that. */
const SEEN_SHARE = 0.5;
const STEPS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** `<tidemark-recs placement="home" kind="session" limit="6" item="…" heading="…">` */
export function defineRecsElement(page: Page, strips: Strips): void {
  if (customElements.get("tidemark-recs")) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);

  class RecsElement extends HTMLElement implements Strip {
    static observedAttributes = [...ASKING, "heading"];

    question: Question = questionOf(this);
    hasList = false;
    isInView = true;
    readonly #root = this.attachShadow({ mode: "open" });
    readonly #room = new Room(this);
    readonly #list = create("ul", { part: "list", role: "list" });
    readonly #section = create("section", { part: "section" }, this.#list);
    readonly #impression = new Impression(() => this.#report("view_item_list", this.#items));
    #items: Recommendation[] = [];
    #cells = new Map<string, HTMLElement>();
    #listId = "";
    /** The question that the shown list answers. */
    #answered: Question | undefined;
    #next: List | undefined;
    #hasPointer = false;
    #isScrolling = false;
    /** Aborted while the element is not on the page. */
    #listening = NOT_HERE;

    get shown(): string[] {
      return this.#items.map(({ id }) => id);
    }

    get isHeld(): boolean {
      // What answers an earlier question, or nothing, is not held.
      const isHoldable = this.hasList && this.#items.length > 0;
      return isHoldable && (this.#hasPointer || this.#isScrolling || this.#root.activeElement !== null);
    }

    connectedCallback(): void {
      this.#root.adoptedStyleSheets = [sheet, this.#room.sheet];
      this.#root.replaceChildren(this.#section);
      this.#listen();
      this.#name();
      this.#ask();
    }

    disconnectedCallback(): void {
      this.#listening.abort();
      this.#impression.look(false);
      strips.remove(this);
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      // What an element is born with is read when it is connected.
      if (this.#listening.signal.aborted || before === after) return;
      if (name === "heading") this.#name();
      else this.#ask();
    }

    show(list: List): void {
      const items = list.items.filter(isDrawable).slice(0, this.question.limit);
      // There is no room, and making some would push away what the visitor reads.
      if (this.#room.isCollapsed && this.isInView && items.length > 0) {
        this.wait(list);
        return;
      }
      this.#next = undefined;
      this.hasList = true;
      const isSame = JSON.stringify(items.map(drawn)) === JSON.stringify(this.#items.map(drawn));
      // The same things again are the list that was shown already, and not another impression.
      if (isSame && this.#listId && this.#answered === this.question) return;
      this.#answered = this.question;
      this.#listId = list.listId;
      if (this.isInView) this.#room.keep();
      this.#draw(items);
      this.hidden = items.length === 0;
      if (!this.isInView) this.#room.free();
      // The hold-out group sees nothing, where others see a list.
      if (items.length > 0 || list.variant === "control") this.#impression.restart();
    }

    wait(list: List): void {
      this.#next = list;
    }

    /** What is shown answers an earlier question: it stays until there is an answer, but nobody's pointer keeps it. */
    #ask(): void {
      this.question = questionOf(this);
      this.hasList = false;
      this.#next = undefined;
      if (this.#items.length === 0) this.#reserve();
      strips.add(this);
    }

    /** Cells that nobody sees, so that the strip is as high as it will be. */
    #reserve(): void {
      const template = this.querySelector("template");
      this.#list.replaceChildren(
        ...Array.from({ length: this.question.limit }, () => card(undefined, template)),
      );
    }

    /** Nodes of items that stay are the same nodes, so that neither pictures nor focus are lost. */
    #draw(items: Recommendation[]): void {
      const focused = [...this.#cells].find(([, cell]) => cell.contains(this.#root.activeElement))?.[0];
      const before = new Map(this.#items.map((item) => [item.id, JSON.stringify(drawn(item))]));
      const template = this.querySelector("template");
      const cells = new Map<string, HTMLElement>();
      for (const item of items) {
        const isSame = before.get(item.id) === JSON.stringify(drawn(item));
        cells.set(item.id, (isSame && this.#cells.get(item.id)) || card(item, template));
      }
      const hadFocus = this.#root.activeElement !== null;
      let place = this.#list.firstChild;
      for (const cell of cells.values()) {
        if (cell === place) place = place.nextSibling;
        else this.#list.insertBefore(cell, place);
      }
      while (place) {
        const next: ChildNode | null = place.nextSibling;
        place.remove();
        place = next;
      }
      this.#items = items;
      this.#cells = cells;
      if (!hadFocus || this.#root.activeElement) return;
      (cells.get(focused ?? "")?.querySelector("a") ?? this.#stand()).focus({ preventScroll: true });
    }

    /** Where the focus is kept when what had it is gone: the next Tab goes on from here. */
    #stand(): HTMLElement {
      this.#section.tabIndex = -1;
      this.#section.addEventListener("blur", () => this.#section.removeAttribute("tabindex"), { once: true });
      return this.#section;
    }

    #name(): void {
      const heading = this.getAttribute("heading");
      this.#section.querySelector("h2")?.remove();
      if (heading) {
        this.#section.prepend(create("h2", { part: "heading", id: "heading" }, heading));
        this.#section.setAttribute("aria-labelledby", "heading");
        this.#section.removeAttribute("aria-label");
      } else {
        this.#section.setAttribute("aria-label", LABEL);
        this.#section.removeAttribute("aria-labelledby");
      }
    }

    #listen(): void {
      this.#listening = new AbortController();
      const { signal } = this.#listening;
      const on = (target: EventTarget, type: string, run: (event: Event) => void): void =>
        target.addEventListener(type, safe(run), { signal });
      this.#hasPointer = this.matches(":hover");
      on(this, "pointerenter", () => {
        this.#hasPointer = true;
      });
      on(this, "pointerleave", () => {
        this.#hasPointer = false;
        this.#release();
      });
      // A finger that scrolls the row is no pointer any more, as soon as it moves.
      let still: ReturnType<typeof setTimeout>;
      on(this.#list, "scroll", () => {
        this.#isScrolling = true;
        clearTimeout(still);
        still = setTimeout(() => {
          this.#isScrolling = false;
          this.#release();
        }, STILL_AFTER_MS);
      });
      // After the focus has arrived wherever it goes.
      on(this.#root, "focusout", () => setTimeout(safe(() => this.#release())));
      on(this.#root, "click", (event) => this.#onClick(event));
      on(this.#root, "auxclick", (event) => (event as MouseEvent).button === 1 && this.#onClick(event));
      on(document, "visibilitychange", () => this.#impression.look());
      on(window, "resize", () => !this.isInView && this.#room.free());
      const observer = new IntersectionObserver(
        safe(([...entries]) => this.#onView(entries.at(-1) as IntersectionObserverEntry)),
        { threshold: STEPS },
      );
      observer.observe(this);
      signal.addEventListener("abort", () => observer.disconnect());
    }

    #onView(entry: IntersectionObserverEntry): void {
      const { isIntersecting, intersectionRatio, intersectionRect, rootBounds } = entry;
      this.isInView = isIntersecting;
      const share = Math.max(
        intersectionRatio,
        intersectionRect.height / (rootBounds?.height || Number.POSITIVE_INFINITY),
      );
      this.#impression.look(isIntersecting && share >= SEEN_SHARE);
      if (isIntersecting) return;
      this.#room.free();
      this.#release();
    }

    #release(): void {
      if (this.#next && !this.isHeld) strips.share([[this, this.#next]]);
    }

    #onClick(event: Event): void {
      const path = event.composedPath();
      const item = this.#items.find(({ id }) => path.includes(this.#cells.get(id) as HTMLElement));
      const isLink = path.some((node) => node instanceof HTMLAnchorElement);
      if (item && isLink) this.#report("select_item", [item]);
    }

    #report(name: "view_item_list" | "select_item", items: Recommendation[]): void {
      page.tracker.track(name, {
        itemListId: this.#listId,
        itemListName: this.getAttribute("heading") ?? undefined,
        items: items.map((item) => ({
          itemId: item.id,
          itemName: item.name,
          index: this.#items.indexOf(item),
        })),
      });
    }
  }
  customElements.define("tidemark-recs", RecsElement);
}

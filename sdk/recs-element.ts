import type { Recommendation } from "../collector/event/recommendation.ts";
import { ask } from "./ask.ts";
import type { Page } from "./part.ts";
import { rememberItems } from "./recent-items.ts";

const ITEMS_DEFAULT = 6;
/** Several events of one gesture ask once. */
const REFRESH_AFTER_MS = 100;

const STYLE = `
:host { display: block; min-height: var(--tidemark-recs-height, 19rem); container-type: inline-size; }
:host([hidden]) { display: none; }
h2 { font: inherit; font-size: 1.25em; font-weight: 600; margin: 0 0 .75rem; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; list-style: none; margin: 0; padding: 0; }
a { display: block; color: inherit; text-decoration: none; }
a:focus-visible { outline: 2px solid; outline-offset: 2px; }
a:hover .name { text-decoration: underline; }
img, .blank { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: .5rem; background: rgb(127 127 127 / .12); }
.name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; margin-top: .5rem; min-height: 2.6em; line-height: 1.3; }
.price { display: block; margin-top: .25rem; font-weight: 600; }
`;

const elements = new Set<{ refresh(): Promise<void> }>();
let timer: ReturnType<typeof setTimeout>;

/** `<tidemark-recs placement="home" limit="6" item="…" heading="…">` */
export function defineRecsElement(page: Page): void {
  if (customElements.get("tidemark-recs")) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);

  page.onLogged = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (rememberItems(page)) for (const element of elements) void element.refresh();
    }, REFRESH_AFTER_MS);
  };

  class RecsElement extends HTMLElement {
    static observedAttributes = ["placement", "limit", "item", "heading"];
    #asked = 0;
    #shown = "";

    connectedCallback(): void {
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      elements.add(this);
      void this.refresh();
    }

    disconnectedCallback(): void {
      elements.delete(this);
    }

    attributeChangedCallback(): void {
      if (this.isConnected && this.shadowRoot) void this.refresh();
    }

    /** Asks once more; the list that is shown stays until there is a better one. */
    async refresh(): Promise<void> {
      const asked = ++this.#asked;
      const placement = this.getAttribute("placement") ?? "";
      const item = this.getAttribute("item") ?? "";
      const limit = Number(this.getAttribute("limit")) || ITEMS_DEFAULT;
      try {
        const answer = await ask(page, { placement, item, limit });
        const items = answer.items.filter((entry) => entry.name && localUrl(entry.url)).slice(0, limit);
        if (asked !== this.#asked) return;
        remember(placement, items);
        this.#show(items, `rec:${placement}:${answer.model}`);
      } catch {
        if (asked === this.#asked && !this.#shown)
          this.#show(remembered(placement), `rec:${placement}:remembered`);
      }
    }

    #show(items: Recommendation[], listId: string): void {
      const heading = this.getAttribute("heading") ?? "";
      const shown = JSON.stringify([heading, items]);
      this.hidden = items.length === 0;
      if (shown === this.#shown) return;
      this.#shown = shown;
      const list = create("ul", {}, ...items.map((item) => create("li", {}, this.#link(item, listId))));
      const section = create("section", { "aria-label": heading || "Recommendations" }, list);
      if (heading) section.prepend(create("h2", { part: "heading" }, heading));
      this.shadowRoot?.replaceChildren(section);
    }

    #link(item: Recommendation, listId: string): HTMLElement {
      const image = webUrl(item.image);
      const link = create(
        "a",
        { part: "item", href: localUrl(item.url) as string },
        image
          ? create("img", { part: "image", src: image, alt: "", loading: "lazy" })
          : create("span", { class: "blank" }),
        create("span", { class: "name", part: "name" }, item.name as string),
        create("span", { class: "price", part: "price" }, price(item)),
      );
      link.addEventListener("click", () =>
        page.tracker.track("select_item", {
          itemListId: listId,
          items: [{ itemId: item.id, itemName: item.name }],
        }),
      );
      return link;
    }
  }
  customElements.define("tidemark-recs", RecsElement);
}

function create(
  tag: string,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function price({ priceMinor, currency }: Recommendation): string {
  if (priceMinor === undefined || !currency) return "";
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined, {
    style: "currency",
    currency,
  });
  return format.format(priceMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

// Names, addresses and pictures come from events, which anybody can send: a link never leaves the shop.
function localUrl(url: string | undefined): string | undefined {
  const full = webUrl(url);
  return full && new URL(full).origin === location.origin ? full : undefined;
}

function webUrl(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url, location.href)) return undefined;
  const full = new URL(url, location.href);
  return full.protocol === "https:" || full.protocol === "http:" ? full.href : undefined;
}

/** The last good list of this tab, for the time when there is no answer. */
function remember(placement: string, items: Recommendation[]): void {
  try {
    sessionStorage.setItem(`tm.recs.${placement}`, JSON.stringify(items));
  } catch {
    // Storage is blocked or full; the strip hides when there is no answer.
  }
}

function remembered(placement: string): Recommendation[] {
  try {
    return JSON.parse(sessionStorage.getItem(`tm.recs.${placement}`) ?? "[]");
  } catch {
    return [];
  }
}

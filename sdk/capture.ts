import type { Hints } from "../collector/event/batch.ts";
import { surviveClearing } from "./cleared.ts";
import { sendWhenLeft } from "./leave.ts";
import { holdLock } from "./lock.ts";
import { copyLongWaits } from "./long-waits.ts";
import type { Page, PartName } from "./part.ts";
import { pageProducts } from "./products.ts";
import { watchRoutes } from "./routes.ts";
import { ignore, safe } from "./safe.ts";
import { isNews } from "./said.ts";
import { cleanParams, cleanText, patternOf } from "./scrub.ts";
import { findUnmarked } from "./unmarked.ts";
import { usesOf } from "./uses.ts";

/** What search pages call their term. */
const SEARCH_PARAMS = ["q", "query", "s", "search", "search_term"];

/** What `data-tm-use` may name. */
const MODULES: Record<string, PartName> = {
  consent: "consent",
  dnt: "consent",
  errors: "errors",
  midnight: "midnight",
  recs: "recs",
  vitals: "vitals",
};

/** A forgotten outbox or copy is a rare thing, and a page that has just opened has others to do. */
const UNMARKED_AFTER_MS = 5_000;

const fired = new WeakSet<Element>();
let isListening = false;

/**
 * Reads what the page says about itself: `data-tm-*`, its products, the term of a site search; hears of links that
 * lead away and of forms; loads the modules that the page has a use for.
 */
export function start(page: Page): void {
  const scrub = patternOf(page);
  const track = (name: string, params: Record<string, unknown>): void =>
    page.tracker.track(name, cleanParams(params, scrub));
  for (const name of usesOf(document))
    if (Object.hasOwn(MODULES, name)) void page.use(MODULES[name] as PartName);
  if (document.querySelector("tidemark-recs")) void page.use("recs");
  if ("dataLayer" in self) void page.use("data-layer");
  const query = location.search ? new URLSearchParams(location.search) : undefined;
  if (query?.has("tm-debug")) void page.use("overlay");

  if (!isListening) {
    isListening = true;
    heedSample(page);
    surviveClearing(page);
    sendWhenLeft(page);
    holdLock(page);
    copyLongWaits(page);
    // Where IndexedDB is missing, there is no outbox either.
    setTimeout(() => findUnmarked(page).catch(ignore), UNMARKED_AFTER_MS);
    if (!self.navigation) watchRoutes(page.onRoute);
    // What is further down may not be there yet.
    if (document.readyState !== "complete") addEventListener("load", () => start(page));
    // In the capture phase, so that a handler of the page that stops the event does not hide it from us.
    document.addEventListener(
      "click",
      safe((event) => onAction(event, false)),
      true,
    );
    document.addEventListener(
      "submit",
      safe((event) => onAction(event, true)),
      true,
    );
  }

  function onAction(event: Event, isSubmit: boolean): void {
    const target = event.composedPath()[0];
    if (!(target instanceof Element)) return;
    const element = target.closest<HTMLElement>("[data-tm-event]");
    if (element && element.dataset.tmOn !== "load" && element instanceof HTMLFormElement === isSubmit)
      track(element.dataset.tmEvent as string, attributeParams(element));
    else if (isSubmit) track("form_submit", formParams(target));
    else onLink(target.closest<HTMLAnchorElement>("a[href]"));
  }

  function onLink(link: HTMLAnchorElement | null): void {
    // Mail addresses and telephone numbers are nobody's business.
    if (!link || !/^https?:$/.test(link.protocol) || link.host === location.host) return;
    track("click", { linkUrl: link.origin + link.pathname, outbound: true });
  }

  const names = new Set<string>();
  for (const element of document.querySelectorAll<HTMLElement>('[data-tm-event][data-tm-on="load"]')) {
    const name = element.dataset.tmEvent as string;
    names.add(name);
    if (!fired.has(element)) track(name, attributeParams(element));
    fired.add(element);
  }

  /** What the attributes said already, or was said of this address before, is not said again. */
  function once(name: string, params: Record<string, unknown>): void {
    if (!names.has(name) && isNews(page, name, params)) track(name, params);
  }

  const term = query && searchTerm(query, scrub);
  const { product, list, currency } = pageProducts(document);
  if (term) once("search", { searchTerm: term });
  if (product) once("view_item", { ...currency, items: [product] });
  else if (list) once("view_item_list", { ...currency, ...list });
}

/** A receipt may ask for a sample before anything failed; one that is asked for with a failure recover.ts hears of. */
function heedSample(page: Page): void {
  const { onLogged } = page;
  let heeded: Hints | undefined;
  page.onLogged = () => {
    onLogged?.();
    if (!page.hints.sample || page.hints === heeded) return;
    heeded = page.hints;
    void page.use("sample");
  };
}

/** `data-tm-params`, and the item of the element or of the nearest element around it. */
export function attributeParams(element: HTMLElement): Record<string, unknown> {
  const params = parsed(element.dataset.tmParams);
  const holder = element.closest<HTMLElement>("[data-tm-item],[data-tm-item-id]");
  if (!holder || params.items) return params;
  const {
    tmItem,
    tmItemId,
    tmItemName,
    tmItemBrand,
    tmItemCategory,
    tmItemPrice,
    tmItemCurrency,
    tmItemQuantity,
    tmItemUrl,
    tmItemImage,
    tmItemAvailability,
  } = holder.dataset;
  const items: Record<string, unknown>[] = tmItem
    ? [parsed(tmItem)].flat()
    : [
        {
          itemId: tmItemId,
          itemName: tmItemName,
          itemBrand: tmItemBrand,
          itemCategory: tmItemCategory,
          itemUrl: tmItemUrl,
          itemImage: tmItemImage,
          price: tmItemPrice,
          quantity: tmItemQuantity && +tmItemQuantity,
          availability: tmItemAvailability,
        },
      ];
  // An event has one currency; shops like to write it beside the price.
  const currency = tmItemCurrency ?? items[0]?.currency;
  return { currency, ...params, items: items.map(({ currency: _, ...item }) => item) };
}

/** Which form, and where to; never what was written into it. */
function formParams(form: Element): Record<string, unknown> {
  // Not `form.action`: a field of that name would stand in its place.
  const link = document.createElement("a");
  link.href = form.getAttribute("action") ?? "";
  return {
    formId: form.id || undefined,
    formName: form.getAttribute("name") ?? undefined,
    formDestination: link.host ? link.origin + link.pathname : undefined,
  };
}

/** An attribute that is no JSON object counts as absent; the event itself is still worth having. */
function parsed(json: string | undefined): Record<string, unknown> {
  try {
    return Object(JSON.parse(json ?? "{}"));
  } catch {
    return {};
  }
}

function searchTerm(query: URLSearchParams, scrub: string | undefined): string | undefined {
  for (const name of SEARCH_PARAMS) {
    const term = cleanText(query.get(name) ?? "", scrub).trim();
    if (term) return term;
  }
  return undefined;
}

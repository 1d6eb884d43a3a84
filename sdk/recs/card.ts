import type { Recommendation } from "../../collector/event/recommendation.ts";
import { safe } from "../safe.ts";

/** Where the values of an item go in a shop's own `<template>`: `<a data-tm-field="link"><b data-tm-field="name"></b></a>` */
const FIELD = "data-tm-field";

/** One item of a strip; without an item the room that one will take. */
export function card(item: Recommendation | undefined, template: HTMLTemplateElement | null): HTMLElement {
  // Room is neither an item of the list nor a link, for whoever counts them.
  const cell = item
    ? create("li", { part: "cell" })
    : create("span", { part: "cell", class: "waiting", "aria-hidden": "true" });
  cell.append(template ? template.content.cloneNode(true) : ownCard(item ? "a" : "span"));
  for (const element of cell.querySelectorAll<HTMLElement>(`[${FIELD}]`)) fill(element, item);
  return cell;
}

/** An item is shown only with a name, and with an address in this shop. */
export function isDrawable({ name, url }: Recommendation): boolean {
  return Boolean(name && localUrl(url));
}

/** What a visitor sees of an item. */
export function drawn({ id, name, url, image, priceMinor, currency }: Recommendation): unknown[] {
  return [id, name, url, image, priceMinor, currency];
}

function ownCard(tag: "a" | "span"): HTMLElement {
  return create(
    tag,
    { part: "item", [FIELD]: "link" },
    create("img", {
      part: "image",
      class: "image",
      alt: "",
      loading: "lazy",
      decoding: "async",
      [FIELD]: "image",
    }),
    create("span", { part: "name", class: "name", [FIELD]: "name" }),
    create("span", { part: "price", class: "price", [FIELD]: "price" }),
  );
}

function fill(element: HTMLElement, item: Recommendation | undefined): void {
  const field = element.getAttribute(FIELD);
  element.removeAttribute(FIELD);
  if (field === "name") element.textContent = item?.name ?? "";
  else if (field === "price") element.textContent = (item && price(item)) ?? "";
  else if (field === "link") setOrRemove(element, "href", localUrl(item?.url));
  else if (field === "image") {
    const source = webUrl(item?.image);
    if (source) element.setAttribute("src", source);
    // An image without a source would be drawn as a broken one.
    else element.replaceWith(create("span", { part: "image", class: element.className || "image" }));
  }
}

function setOrRemove(element: HTMLElement, name: string, value: string | undefined): void {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

export function create(
  tag: string,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A currency that is none is not drawn.
const price = safe(({ priceMinor, currency }: Recommendation): string => {
  if (priceMinor === undefined || !currency) return "";
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined, {
    style: "currency",
    currency,
  });
  return format.format(priceMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
});

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

import type { Node } from "./node.ts";

/** Products of one page that are looked at. */
const PRODUCTS_MAX = 50;
const DEPTH_MAX = 4;

/** schema.org products in microdata: one is what the page is about, several are its list. */
export function microdataNodes(document: ParentNode): Node[] {
  const scopes = [...document.querySelectorAll('[itemscope][itemtype$="schema.org/Product"]')]
    // A product inside another one is its accessory.
    .filter((scope) => !scope.parentElement?.closest('[itemtype$="schema.org/Product"]'))
    .slice(0, PRODUCTS_MAX);
  const products = scopes.map((scope): Node => ({ ...propertiesOf(scope, 0), "@type": "Product" }));
  return products.length > 1 ? [{ "@type": "ItemList", itemListElement: products }] : products;
}

function propertiesOf(scope: Element, depth: number): Node {
  const node: Node = {};
  for (const element of scope.querySelectorAll("[itemprop]")) {
    if (element.parentElement?.closest("[itemscope]") !== scope) continue;
    const isThing = element.hasAttribute("itemscope") && depth < DEPTH_MAX;
    const value = isThing ? propertiesOf(element, depth + 1) : textOf(element);
    for (const name of (element.getAttribute("itemprop") ?? "").split(/\s+/))
      if (isThing && node[name]) node[name] = [node[name], value].flat();
      else node[name] ??= value;
  }
  return node;
}

function textOf(element: Element): string {
  const { content, href, src } = element as Element & { content?: string; href?: string; src?: string };
  return element.getAttribute("content") ?? content ?? href ?? src ?? element.textContent?.trim() ?? "";
}

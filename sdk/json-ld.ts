import type { ItemBody } from "../collector/event/batch.ts";

type Node = Record<string, unknown>;

export interface PageProducts {
  /** The product that the page is about. */
  product?: ItemBody;
  /** The list that the page shows. */
  list?: { itemListId?: string; items: ItemBody[] };
  currency: { currency?: string };
}

/** Blocks and nodes that are looked at; a page with more is not describing itself. */
const NODES_MAX = 200;
const LIST_ITEMS_MAX = 50;

/** Finds schema.org `Product` and `ItemList` in the page's JSON-LD. */
export function pageProducts(document: ParentNode): PageProducts {
  const nodes: Node[] = [];
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      collect(JSON.parse(script.textContent ?? ""), nodes);
    } catch {
      // A block with a syntax error says nothing; the others may.
    }
  }
  const found: PageProducts = { currency: {} };
  const product = nodes.find((node) => isType(node, "Product") || isType(node, "ProductGroup"));
  const list = nodes.find((node) => isType(node, "ItemList"));
  if (product) found.product = toItem(product, found.currency);
  else if (list) {
    const items = asList(list.itemListElement)
      .slice(0, LIST_ITEMS_MAX)
      .map((element) => toItem({ ...element, ...asNode(element.item) }, found.currency))
      .filter((item) => item.itemId);
    if (items.length) found.list = { ...text("itemListId", list["@id"] ?? list.name), items };
  }
  return found;
}

/** The nodes that describe the page: top level, `@graph`, and what a page calls its main entity. */
function collect(value: unknown, nodes: Node[]): void {
  for (const node of asList(value)) {
    if (nodes.length >= NODES_MAX) return;
    nodes.push(node);
    collect(node["@graph"], nodes);
    collect(node.mainEntity, nodes);
  }
}

function toItem(node: Node, currency: { currency?: string }): ItemBody {
  const offer = asList(node.offers)[0] ?? {};
  const price = asList(offer.priceSpecification)[0] ?? offer;
  const code = price.priceCurrency ?? offer.priceCurrency;
  if (typeof code === "string") currency.currency ??= code;
  const amount = price.price ?? price.lowPrice;
  return {
    itemId: id(node.sku) || id(node.productID) || id(node.productGroupID) || id(node["@id"]),
    ...text("itemName", node.name),
    ...text("itemBrand", named(node.brand)),
    ...text("itemCategory", named(node.category)),
    ...text("itemUrl", node.url ?? offer.url),
    ...text("itemImage", asList(node.image)[0]?.url ?? [node.image].flat()[0]),
    ...(typeof amount === "number" || typeof amount === "string" ? { price: amount } : {}),
  };
}

function isType(node: Node, type: string): boolean {
  return [node["@type"]].flat().some((name) => name === type || name === `https://schema.org/${type}`);
}

function asList(value: unknown): Node[] {
  return [value].flat().filter((entry): entry is Node => typeof entry === "object" && entry !== null);
}

function asNode(value: unknown): Node {
  return asList(value)[0] ?? {};
}

function named(value: unknown): unknown {
  return asList(value)[0]?.name ?? [value].flat()[0];
}

function id(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function text(name: string, value: unknown): Record<string, string> {
  return typeof value === "string" && value ? { [name]: value } : {};
}

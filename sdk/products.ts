import type { ItemBody } from "../collector/event/batch.ts";
import { jsonLdNodes } from "./json-ld.ts";
import { microdataNodes } from "./microdata.ts";
import { asList, type Node } from "./node.ts";
import { openGraphNodes } from "./open-graph.ts";

export interface PageProducts {
  /** The product that the page is about. */
  product?: ItemBody;
  /** The list that the page shows. */
  list?: { itemListId?: string; items: ItemBody[] };
  currency: { currency?: string };
}

const LIST_ITEMS_MAX = 50;
/** The first that knows of products is believed: a page that says the same thing twice counts once. */
const SOURCES = [jsonLdNodes, microdataNodes, openGraphNodes];

/** Finds the product or the list that a page describes: JSON-LD, microdata or Open Graph. */
export function pageProducts(document: ParentNode): PageProducts {
  for (const nodesOf of SOURCES) {
    const found = productsOf(nodesOf(document));
    if (found.product || found.list) return found;
  }
  return { currency: {} };
}

function productsOf(nodes: Node[]): PageProducts {
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

function toItem(node: Node, currency: { currency?: string }): ItemBody {
  const offers = asList(node.offers);
  const offer = offers[0] ?? {};
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
    ...text("availability", availabilityOf([...offers, ...asList(node.hasVariant)])),
  };
}

/** As the page says it. Of several offers and variants, one that can be bought speaks for all. */
function availabilityOf(offers: Node[]): unknown {
  const said = offers
    .flatMap((offer) => [offer, ...asList(offer.offers)])
    .map(({ availability }) => asNode(availability)["@id"] ?? availability)
    .filter((name) => typeof name === "string" && name);
  return said.find((name) => !/out|sold|oos|discontinued|reserved/i.test(name as string)) ?? said[0];
}

function isType(node: Node, type: string): boolean {
  return [node["@type"]].flat().some((name) => name === type || name === `https://schema.org/${type}`);
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

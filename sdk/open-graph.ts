import type { Node } from "./node.ts";

/** A product page of the Open Graph protocol, as a schema.org node; none for other pages. */
export function openGraphNodes(document: ParentNode): Node[] {
  const said = (...names: string[]): string | undefined => {
    for (const name of names) {
      const content = document
        .querySelector(`meta[property="${name}"],meta[name="${name}"]`)
        ?.getAttribute("content");
      if (content) return content;
    }
    return undefined;
  };
  const sku = said("product:retailer_item_id", "product:sku");
  // Without an id of its own there is nothing to count.
  if (!sku || !said("og:type")?.includes("product")) return [];
  return [
    {
      "@type": "Product",
      sku,
      name: said("og:title"),
      brand: said("product:brand", "og:brand"),
      category: said("product:category"),
      url: said("og:url"),
      image: said("og:image"),
      offers: {
        price: said("product:price:amount", "og:price:amount"),
        priceCurrency: said("product:price:currency", "og:price:currency"),
        availability: said("product:availability", "og:availability"),
      },
    },
  ];
}

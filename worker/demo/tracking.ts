import type { ItemBody } from "../../collector/event/batch.ts";
import { CURRENCY, type Product, pictureUrl, productUrl } from "./catalog/product.ts";

/** A product as the SDK reads it from `data-tm-item`. */
export function itemOf(product: Product): ItemBody & { currency: string; price: number } {
  return {
    itemId: product.id,
    itemName: product.name,
    itemBrand: product.brand,
    itemCategory: product.category.name,
    price: product.priceMinor / 100,
    currency: CURRENCY,
    itemUrl: productUrl(product),
    itemImage: pictureUrl(product),
  };
}

/** schema.org Product: what a search engine and our SDK read from a product page. */
export function productLd(product: Product): object {
  return {
    "@context": "https://schema.org",
    "@type": "Product",
    sku: product.id,
    name: product.name,
    description: product.summary,
    image: [pictureUrl(product), pictureUrl(product, 0, 1), pictureUrl(product, 0, 2)],
    brand: { "@type": "Brand", name: product.brand },
    category: product.category.name,
    url: productUrl(product),
    aggregateRating: {
      "@type": "AggregateRating",
      ratingValue: product.rating,
      reviewCount: product.reviews,
    },
    offers: {
      "@type": "Offer",
      price: (product.priceMinor / 100).toFixed(2),
      priceCurrency: CURRENCY,
      availability: `https://schema.org/${product.stock > 0 ? "InStock" : "OutOfStock"}`,
      url: productUrl(product),
    },
  };
}

/** schema.org ItemList with whole products, so that a list view knows its items. */
export function listLd(listId: string, name: string, products: readonly Product[]): object {
  return {
    "@context": "https://schema.org",
    "@type": "ItemList",
    "@id": listId,
    name,
    numberOfItems: products.length,
    itemListElement: products.map((product, at) => ({
      "@type": "ListItem",
      position: at + 1,
      item: {
        "@type": "Product",
        sku: product.id,
        name: product.name,
        url: productUrl(product),
        image: pictureUrl(product),
        brand: { "@type": "Brand", name: product.brand },
        category: product.category.name,
        offers: { "@type": "Offer", price: (product.priceMinor / 100).toFixed(2), priceCurrency: CURRENCY },
      },
    })),
  };
}

/** schema.org BreadcrumbList of a product. */
export function trailLd(product: Product): object {
  const trail = [
    { name: "Home", url: "/demo/" },
    { name: product.category.name, url: `/demo/categories/${product.category.id}` },
    { name: product.name, url: productUrl(product) },
  ];
  return {
    "@context": "https://schema.org",
    "@type": "BreadcrumbList",
    itemListElement: trail.map((step, at) => ({
      "@type": "ListItem",
      position: at + 1,
      name: step.name,
      item: step.url,
    })),
  };
}

import type { Recommendation } from "../../collector/event/recommendation.ts";
import { CURRENCY, PRODUCTS, pictureUrl, productUrl } from "./catalog/product.ts";

const POPULAR_ITEMS = 8;

/** What a strip shows to a first visitor while the collector does not answer; a real shop asks for it once a day. */
export const POPULAR: Pick<Recommendation, "id" | "name" | "url" | "image" | "priceMinor" | "currency">[] = [
  ...PRODUCTS,
]
  .filter(({ stock }) => stock > 0)
  .sort((a, b) => b.reviews * b.rating - a.reviews * a.rating)
  .slice(0, POPULAR_ITEMS)
  .map((product) => ({
    id: product.id,
    name: product.name,
    url: productUrl(product),
    image: pictureUrl(product),
    priceMinor: product.priceMinor,
    currency: CURRENCY,
  }));

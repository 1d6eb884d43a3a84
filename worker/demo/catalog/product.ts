import { HASH_RANGE, hash53 } from "../../../collector/stream/hash.ts";
import { type ColourName, PALETTE } from "../pictures/palette.ts";
import { KINDS, type ShapeName } from "../pictures/shape.ts";
import { CATEGORIES, type Category } from "./category.ts";
import type { Entry } from "./entry.ts";

export interface Product {
  id: string;
  slug: string;
  name: string;
  brand: string;
  category: Category;
  shape: ShapeName;
  kind: string;
  priceMinor: number;
  /** The price before the sale. */
  wasMinor?: number;
  colours: readonly ColourName[];
  sizes: readonly string[];
  /** Mean of the reviews, one decimal. */
  rating: number;
  reviews: number;
  stock: number;
  isNew: boolean;
  summary: string;
  details: readonly string[];
}

export const CURRENCY = "EUR";
/** Fewer than this many pieces left are named on the page. */
export const LOW_STOCK = 5;

const CLOTHES = ["XS", "S", "M", "L", "XL"];
const SIZES: Partial<Record<ShapeName, readonly string[]>> = {
  jacket: CLOTHES,
  sweater: CLOTHES,
  gloves: ["S", "M", "L"],
  boots: ["37", "38", "39", "40", "41", "42", "43", "44", "45"],
  socks: ["36–39", "40–43", "44–47"],
  bedding: ["140 × 200 cm", "155 × 220 cm", "240 × 220 cm"],
};

export const PRODUCTS: readonly Product[] = CATEGORIES.flatMap((category) =>
  category.range.map((entry, at) => productOf(category, entry, at)),
);

const BY_ID = new Map(PRODUCTS.map((product) => [product.id, product]));
const BY_SLUG = new Map(PRODUCTS.map((product) => [product.slug, product]));

export function productById(id: string): Product | undefined {
  return BY_ID.get(id);
}

export function productBySlug(slug: string): Product | undefined {
  return BY_SLUG.get(slug);
}

export function productUrl(product: Product): string {
  return `/demo/products/${product.slug}`;
}

/** `colour` and `view` count from 0: the first colour, the studio view. */
export function pictureUrl(product: Product, colour = 0, view = 0): string {
  return `/demo/pictures/${product.id}${colour ? `-c${colour}` : ""}${view ? `-v${view}` : ""}.svg`;
}

/** 8900 as "€89.00". */
export function euros(minor: number): string {
  const whole = String(Math.trunc(minor / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `€${whole}.${String(minor % 100).padStart(2, "0")}`;
}

/** "Bouclé Cushion" as "boucle-cushion". */
export function slugOf(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[\u0300-\u036f'’]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

function productOf(category: Category, entry: Entry, at: number): Product {
  const [name, brand, price, shape, colours, summary] = entry;
  const id = `${category.prefix}-${String(at + 1).padStart(3, "0")}`;
  const chance = (n: number): number => hash53(id, n) / HASH_RANGE;
  const onSale = chance(1) < 0.12;
  return {
    id,
    slug: slugOf(name),
    name,
    brand,
    category,
    shape,
    kind: KINDS[shape],
    priceMinor: price * 100,
    ...(onSale ? { wasMinor: (Math.ceil((price * (1.18 + chance(2) * 0.3)) / 10) * 10 - 1) * 100 } : {}),
    colours,
    sizes: SIZES[shape] ?? [],
    rating: Math.round((3.9 + chance(3) * 1.1) * 10) / 10,
    reviews: Math.round(4 + chance(4) ** 3 * 380),
    stock: stockOf(chance(5), chance(6)),
    isNew: at % 11 === 4,
    summary,
    details: category.details.filter((_, line) => (line + at) % 5 !== 0),
  };
}

function stockOf(chance: number, share: number): number {
  if (chance < 0.04) return 0;
  return chance < 0.14 ? 1 + Math.floor(share * (LOW_STOCK - 1)) : 8 + Math.floor(share * 60);
}

export function colourLabel(colour: ColourName): string {
  return colour.charAt(0).toUpperCase() + colour.slice(1);
}

export function colourCode(colour: ColourName): string {
  return PALETTE[colour];
}

import type { Product } from "./catalog/product.ts";

export const PAGE_SIZE = 12;

export const SORTS = {
  featured: "Featured",
  "price-up": "Price, low to high",
  "price-down": "Price, high to low",
  rating: "Best rated",
  newest: "Newest",
} as const;
export type Sort = keyof typeof SORTS;

/** What a shopper asked of a list: the query of its URL. */
export interface ListQuery {
  kinds: string[];
  brands: string[];
  colours: string[];
  maxEuros: number | undefined;
  inStock: boolean;
  sort: Sort;
  page: number;
}

export interface Facet {
  value: string;
  count: number;
}

export interface Listing {
  query: ListQuery;
  products: Product[];
  total: number;
  pages: number;
  /** Values that the whole list has, before any filter. */
  facets: { kinds: Facet[]; brands: Facet[]; colours: Facet[]; highestEuros: number };
}

export function readListQuery(params: URLSearchParams): ListQuery {
  const sort = params.get("sort") ?? "";
  const max = Number.parseInt(params.get("max") ?? "", 10);
  const page = Number.parseInt(params.get("page") ?? "1", 10);
  return {
    kinds: params.getAll("kind"),
    brands: params.getAll("brand"),
    colours: params.getAll("colour"),
    maxEuros: Number.isFinite(max) && max > 0 ? max : undefined,
    inStock: params.get("stock") === "1",
    sort: Object.hasOwn(SORTS, sort) ? (sort as Sort) : "featured",
    page: Number.isFinite(page) && page > 0 ? page : 1,
  };
}

export function listProducts(all: readonly Product[], query: ListQuery): Listing {
  const found = all.filter((product) => matches(product, query)).sort(comparatorOf(query.sort));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  return {
    query: { ...query, page },
    products: found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    total: found.length,
    pages,
    facets: {
      kinds: facetOf(all.map((product) => product.kind)),
      brands: facetOf(all.map((product) => product.brand)),
      colours: facetOf(all.flatMap((product) => product.colours)),
      highestEuros: Math.max(0, ...all.map((product) => Math.ceil(product.priceMinor / 100))),
    },
  };
}

/** The same list with some things changed; `page` starts again unless it is what changed. */
export function listSearch(
  query: ListQuery,
  change: Partial<ListQuery>,
  extra: Record<string, string> = {},
): string {
  const next = { ...query, page: 1, ...change };
  const params = new URLSearchParams(extra);
  for (const kind of next.kinds) params.append("kind", kind);
  for (const brand of next.brands) params.append("brand", brand);
  for (const colour of next.colours) params.append("colour", colour);
  if (next.maxEuros !== undefined) params.set("max", String(next.maxEuros));
  if (next.inStock) params.set("stock", "1");
  if (next.sort !== "featured") params.set("sort", next.sort);
  if (next.page > 1) params.set("page", String(next.page));
  const text = params.toString();
  return text === "" ? "?" : `?${text}`;
}

function matches(product: Product, query: ListQuery): boolean {
  return (
    (query.kinds.length === 0 || query.kinds.includes(product.kind)) &&
    (query.brands.length === 0 || query.brands.includes(product.brand)) &&
    (query.colours.length === 0 || product.colours.some((colour) => query.colours.includes(colour))) &&
    (query.maxEuros === undefined || product.priceMinor <= query.maxEuros * 100) &&
    (!query.inStock || product.stock > 0)
  );
}

/** Array.sort is stable, so equal products keep the order of the range or of the search. */
function comparatorOf(sort: Sort): (a: Product, b: Product) => number {
  switch (sort) {
    case "featured":
      return () => 0;
    case "price-up":
      return (a, b) => a.priceMinor - b.priceMinor;
    case "price-down":
      return (a, b) => b.priceMinor - a.priceMinor;
    case "rating":
      return (a, b) => b.rating - a.rating || b.reviews - a.reviews;
    case "newest":
      return (a, b) => Number(b.isNew) - Number(a.isNew);
  }
}

function facetOf(values: string[]): Facet[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => a.value.localeCompare(b.value));
}

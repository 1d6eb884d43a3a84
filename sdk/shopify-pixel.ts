import { createHeadlessTracker, type HeadlessTracker } from "./headless.ts";
import { cleanParams } from "./scrub.ts";

/** What Shopify gives to a custom pixel; of each part only what is used here. */
export interface ShopifyPixelHost {
  analytics: { subscribe(name: string, hear: (event: ShopifyEvent) => void): unknown };
  browser: {
    localStorage: {
      getItem(key: string): Promise<string | null>;
      setItem(key: string, value: string): Promise<unknown>;
      removeItem(key: string): Promise<unknown>;
    };
  };
}

export interface ShopifyEvent {
  id?: string;
  clientId?: string;
  context?: { document?: { location?: { href?: string }; title?: string; referrer?: string } };
  data?: Record<string, unknown>;
}

interface Money {
  amount?: number | string;
  currencyCode?: string;
}

interface Variant {
  id?: string;
  sku?: string;
  title?: string;
  price?: Money;
  image?: { src?: string };
  product?: { id?: string; title?: string; vendor?: string; type?: string; url?: string };
}

interface Line {
  quantity?: number;
  title?: string;
  variant?: Variant;
  merchandise?: Variant;
  cost?: { totalAmount?: Money };
}

interface Checkout {
  order?: { id?: string };
  token?: string;
  currencyCode?: string;
  totalPrice?: Money;
  lineItems?: Line[];
}

type Params = Record<string, unknown>;

/** Shopify's customer events by our names, which are GA4's. */
const EVENTS: Record<string, { name: string; params: (data: Params) => Params }> = {
  page_viewed: { name: "page_view", params: () => ({}) },
  search_submitted: {
    name: "search",
    params: ({ searchResult }) => ({
      searchTerm: (searchResult as { query?: string })?.query ?? "",
    }),
  },
  collection_viewed: { name: "view_item_list", params: ({ collection }) => list(collection) },
  product_viewed: {
    name: "view_item",
    params: ({ productVariant }) => ofVariants([productVariant as Variant]),
  },
  product_added_to_cart: { name: "add_to_cart", params: ({ cartLine }) => ofLines([cartLine as Line]) },
  product_removed_from_cart: {
    name: "remove_from_cart",
    params: ({ cartLine }) => ofLines([cartLine as Line]),
  },
  cart_viewed: {
    name: "view_cart",
    params: ({ cart }) => ofLines((cart as { lines?: Line[] })?.lines ?? []),
  },
  checkout_started: { name: "begin_checkout", params: ({ checkout }) => ofCheckout(checkout as Checkout) },
  checkout_shipping_info_submitted: {
    name: "add_shipping_info",
    params: ({ checkout }) => ofCheckout(checkout as Checkout),
  },
  payment_info_submitted: {
    name: "add_payment_info",
    params: ({ checkout }) => ofCheckout(checkout as Checkout),
  },
  checkout_completed: {
    name: "purchase",
    params: ({ checkout }) => {
      const { order, token } = (checkout ?? {}) as Checkout;
      return { ...ofCheckout(checkout as Checkout), transactionId: order?.id ?? token };
    },
  },
};

/**
 * Connects a Shopify custom pixel: its customer events become ours, through a log in the sandbox's storage.
 * In the pixel's editor: the code of `t/shopify-pixel.js`, then
 * `tidemarkPixel({ analytics, browser }, { key: "wk_…", endpoint: "https://collect.shop.example" })`.
 */
export function tidemarkPixel(
  { analytics, browser }: ShopifyPixelHost,
  { key, endpoint, scrub }: { key: string; endpoint: string; scrub?: string },
): void {
  const { localStorage } = browser;
  let tracker: HeadlessTracker | undefined;
  for (const [shopifyName, { name, params }] of Object.entries(EVENTS))
    analytics.subscribe(shopifyName, (event) => {
      // The visitor's id of the shop: hashed, it names a session of one day; the id itself is not sent.
      tracker ??= createHeadlessTracker({
        key,
        endpoint,
        session: `shopify.${dayHash(event.clientId ?? "")}`,
        stream: `t${Date.now().toString(36)}.${Math.random().toString(36).slice(2, 12)}`,
        store: {
          get: (name) => localStorage.getItem(name),
          set: (name, value) => localStorage.setItem(name, value),
          delete: (name) => localStorage.removeItem(name),
        },
      });
      const { location, title, referrer } = event.context?.document ?? {};
      const found = { url: location?.href, title, referrer, ...params(event.data ?? {}) };
      tracker.track(name, cleanParams(found, scrub));
    });
}

function ofVariants(variants: Variant[], quantity?: number): Params {
  const currency = variants.find((variant) => variant?.price?.currencyCode)?.price?.currencyCode;
  return { currency, items: variants.filter(Boolean).map((variant) => itemOf(variant, quantity)) };
}

function ofLines(lines: Line[]): Params {
  const pairs = lines
    .filter(Boolean)
    .map((line) => ({ line, variant: line.merchandise ?? line.variant ?? {} }));
  const currency = pairs.find(({ variant }) => variant.price?.currencyCode)?.variant.price?.currencyCode;
  return { currency, items: pairs.map(({ line, variant }) => itemOf(variant, line.quantity)) };
}

function ofCheckout(checkout: Checkout | undefined): Params {
  const { lineItems = [], totalPrice, currencyCode } = checkout ?? {};
  return {
    ...ofLines(lineItems),
    currency: currencyCode ?? totalPrice?.currencyCode,
    value: totalPrice?.amount,
  };
}

function list(collection: unknown): Params {
  const { id, productVariants = [] } = (collection ?? {}) as { id?: string; productVariants?: Variant[] };
  return { itemListId: id, ...ofVariants(productVariants) };
}

function itemOf({ id, sku, price, image, product, title }: Variant, quantity = 1): Params {
  return {
    itemId: product?.id ?? sku ?? id,
    itemName: product?.title ?? title,
    itemBrand: product?.vendor || undefined,
    itemCategory: product?.type || undefined,
    itemVariant: sku || id,
    itemUrl: product?.url,
    itemImage: image?.src,
    price: price?.amount,
    quantity,
  };
}

/** FNV-1a of the id and the day, 64 bits, so that a session of the sandbox is no lasting name of a visitor. */
function dayHash(id: string): string {
  const text = `${id} ${Math.floor(Date.now() / 86_400_000)}`;
  return [0x811c9dc5, 0x01000193]
    .map((seed) => {
      let hash = seed;
      for (const unit of text) hash = Math.imul(hash ^ (unit.codePointAt(0) as number), 0x01000193);
      return (hash >>> 0).toString(36);
    })
    .join("");
}

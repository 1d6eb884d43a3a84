import { type Context, Hono } from "hono";
import type { Env } from "../env.ts";
import { CATEGORIES } from "./catalog/category.ts";
import {
  CURRENCY,
  PRODUCTS,
  type Product,
  pictureUrl,
  productById,
  productBySlug,
  productUrl,
} from "./catalog/product.ts";
import { listProducts, readListQuery } from "./listing.ts";
import { cartPage } from "./pages/cart.ts";
import { checkoutPage } from "./pages/checkout.ts";
import { homePage } from "./pages/home.ts";
import { listPage } from "./pages/list.ts";
import { missingPage } from "./pages/missing.ts";
import { orderPage } from "./pages/order.ts";
import { productPage } from "./pages/product.ts";
import { searchPage } from "./pages/search.ts";
import { drawPicture, PICTURE_VIEWS } from "./pictures/picture.ts";
import { search } from "./search.ts";

const QUERY_LENGTH_MAX = 80;
const PICTURE_MAX_AGE_SECONDS = 86_400;

const SECURITY_HEADERS: Record<string, string> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-content-type-options": "nosniff",
};

/** The demo shop, to be mounted at /demo: pages, pictures and the keys of the demo site. */
export const demoApp = new Hono<{ Bindings: Env }>();

demoApp.use(async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
});

demoApp.get("/", (c) => c.html(homePage()));

demoApp.get("/products", (c) =>
  c.html(
    listPage({
      title: "Everything",
      blurb: "All two hundred things, from the first lamp to the last log basket.",
      listId: "all",
      category: "all",
      listing: listProducts(PRODUCTS, readListQuery(paramsOf(c))),
    }),
  ),
);

demoApp.get("/categories/:id", (c) => {
  const category = CATEGORIES.find(({ id }) => id === c.req.param("id"));
  if (category === undefined) return c.html(missingPage(), 404);
  const range = PRODUCTS.filter((product) => product.category === category);
  return c.html(
    listPage({
      title: category.name,
      blurb: category.blurb,
      listId: `category-${category.id}`,
      category: category.id,
      listing: listProducts(range, readListQuery(paramsOf(c))),
    }),
  );
});

demoApp.get("/search", (c) => {
  const params = paramsOf(c);
  const term = (params.get("q") ?? "").trim().slice(0, QUERY_LENGTH_MAX);
  if (term === "") return c.redirect("/demo/products");
  const found = search(term);
  return c.html(searchPage(term, listProducts(found, readListQuery(params)), found.length));
});

demoApp.get("/products/:slug", (c) => {
  const product = productBySlug(c.req.param("slug"));
  return product === undefined ? c.html(missingPage(), 404) : c.html(productPage(product));
});

demoApp.get("/cart", (c) => c.html(cartPage()));
demoApp.get("/checkout", (c) => c.html(checkoutPage()));
demoApp.get("/order", (c) => c.html(orderPage()));

demoApp.get("/pictures/:file", (c) => {
  const match = /^([A-Z]{2}-\d{3})(?:-c(\d))?(?:-v(\d))?\.svg$/.exec(c.req.param("file"));
  const product = match === null ? undefined : productById(match[1] ?? "");
  const colour = product?.colours[Number(match?.[2] ?? 0)];
  const view = PICTURE_VIEWS[Number(match?.[3] ?? 0)];
  if (product === undefined || colour === undefined || view === undefined)
    return c.text("no such picture", 404);
  return c.body(drawPicture(product.shape, colour, product.id, view), 200, svgHeaders());
});

demoApp.get("/icon.svg", (c) =>
  c.body(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f4a3f"/><path d="M4 25L12 10l5 8 4-5 7 12z" fill="#efe4cf"/><circle cx="23" cy="8" r="3" fill="#d19a35"/></svg>',
    200,
    svgHeaders(),
  ),
);

// The client's files lie beside the other built ones; here they get the shop's own address.
demoApp.get("/assets/:file", async (c) => {
  const file = await c.env.ASSETS.fetch(new URL(`/demo-assets/${c.req.param("file")}`, c.req.url), {
    headers:
      c.req.header("if-none-match") === undefined
        ? {}
        : { "if-none-match": c.req.header("if-none-match") ?? "" },
  });
  return new Response(file.body, file);
});

/** The keys of the demo site, public by design: this app is mounted in local development only. */
demoApp.get("/keys.json", (c) =>
  c.json({ readKey: "rk_demo", adminKey: "sk_demo", writeKey: "wk_demo", site: "demo" }, 200, {
    "cache-control": "no-store",
  }),
);

demoApp.get("/catalog.json", (c) => c.json({ currency: CURRENCY, products: PRODUCTS.map(catalogRow) }));

// Hono mounts "/" without its slash; the shop answers on both.
demoApp.get("/*", (c) => (c.req.path === "/demo/" ? c.html(homePage()) : c.html(missingPage(), 404)));

function catalogRow(product: Product) {
  return {
    id: product.id,
    name: product.name,
    brand: product.brand,
    category: product.category.name,
    kind: product.kind,
    priceMinor: product.priceMinor,
    price: product.priceMinor / 100,
    stock: product.stock,
    rating: product.rating,
    onSale: product.wasMinor !== undefined,
    url: productUrl(product),
    image: pictureUrl(product),
  };
}

function paramsOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

function svgHeaders(): Record<string, string> {
  return {
    "content-type": "image/svg+xml; charset=utf-8",
    "cache-control": `public, max-age=${PICTURE_MAX_AGE_SECONDS}`,
  };
}

import { html } from "hono/html";
import { PRODUCTS } from "../catalog/product.ts";
import { shelf } from "./card.ts";
import { layout, type Markup } from "./layout.ts";

const SUGGESTED_MAX = 4;

export function missingPage(): Markup {
  return layout({
    title: "Not here",
    description: "This page does not exist.",
    kind: "missing",
    body: html`
<div class="list-head"><h1>This shelf is empty</h1><p>The page you asked for does not exist, or no longer does. <a href="/demo/">Start again from the door</a>.</p></div>
<section class="section"><h2>What others like</h2>${shelf({ listId: "missing", products: PRODUCTS.filter((product) => product.isNew).slice(0, SUGGESTED_MAX) })}</section>`,
  });
}

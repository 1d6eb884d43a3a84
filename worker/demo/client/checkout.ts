import { announce } from "./announce.ts";
import { fill, showShortLines, showSums } from "./basket.ts";
import { deliveryOf, money, orderNumber, subtotalOf } from "./cart.ts";
import { loadLines, loadOrder, saveLines, saveOrder } from "./storage.ts";

/** The checkout: the fields are checked and forgotten, only the basket becomes an order. */
export function startCheckout(): void {
  const form = document.querySelector<HTMLFormElement>("[data-checkout-form]");
  const lines = loadLines();
  if (!form) return;
  form.hidden = lines.length === 0;
  showSums(lines);
  showShortLines(lines);
  if (lines.length === 0) return;
  announce("begin_checkout", lines);

  form.querySelector("[data-place]")?.removeAttribute("disabled");
  form.querySelector("[data-example]")?.addEventListener("click", () => {
    for (const input of form.querySelectorAll<HTMLInputElement>("[data-sample]"))
      input.value = input.dataset.sample ?? "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const ordered = loadLines();
    if (ordered.length === 0) return;
    const transactionId = orderNumber(crypto.getRandomValues(new Uint8Array(8)));
    saveOrder({ transactionId, lines: ordered, shipping: deliveryOf(ordered) });
    saveLines([]);
    location.assign("/demo/order");
  });
}

/** The order page: each load says `purchase` again with the same number, as shops do. */
export function startOrder(): void {
  const order = loadOrder();
  const receipt = document.querySelector<HTMLElement>("[data-order]");
  const empty = document.querySelector<HTMLElement>("[data-empty]");
  if (receipt) receipt.hidden = order === undefined;
  if (empty) empty.hidden = order !== undefined;
  if (!order) return;
  fill("[data-order-number]", order.transactionId);
  fill("[data-total]", money(subtotalOf(order.lines) + order.shipping));
  showShortLines(order.lines);
  announce("purchase", order.lines, { transactionId: order.transactionId, shipping: order.shipping });
}

import { type CartLine, deliveryOf, money, removeLine, setQuantity, subtotalOf } from "./cart.ts";
import { loadLines, onCartChanged, saveLines } from "./storage.ts";

/** The basket page: lines with quantity and remove, and the sums beside them. */
export function startBasket(toast: (text: string) => void, showCount: () => void): void {
  const list = document.querySelector<HTMLElement>("[data-lines]");
  if (!list) return;

  const show = (): void => {
    const lines = loadLines();
    list.replaceChildren(...lines.map((line, at) => row(line, at, change, remove)));
    showSums(lines);
    showCount();
    document.querySelector("tidemark-recs")?.setAttribute("cart", lines.map(({ itemId }) => itemId).join());
  };
  const change = (at: number, quantity: number): void => {
    saveLines(setQuantity(loadLines(), at, quantity));
    show();
    list.querySelectorAll<HTMLInputElement>("input")[at]?.focus();
  };
  const remove = (at: number): void => {
    const name = loadLines()[at]?.itemName;
    saveLines(removeLine(loadLines(), at));
    show();
    toast(`${name} was removed`);
  };
  onCartChanged(show);
  show();
}

/** Fills the sums of a page, and shows its empty state where there is nothing to sum. */
export function showSums(lines: CartLine[]): void {
  const empty = lines.length === 0;
  const delivery = deliveryOf(lines);
  fill("[data-subtotal]", money(subtotalOf(lines)));
  fill("[data-delivery]", delivery === 0 ? "Free" : money(delivery));
  fill("[data-total]", money(subtotalOf(lines) + delivery));
  for (const part of document.querySelectorAll<HTMLElement>("[data-empty]")) part.hidden = !empty;
  for (const part of document.querySelectorAll<HTMLElement>(".summary")) part.hidden = empty;
}

/** The short list of checkout and order. */
export function showShortLines(lines: CartLine[]): void {
  document.querySelector("[data-lines-short]")?.replaceChildren(
    ...lines.map((line) => {
      const item = element("li", "");
      item.append(
        picture(line, 56),
        element("span", "short-name", `${line.quantity} × ${line.itemName}`),
        element("span", "short-price", money(line.price * line.quantity)),
      );
      return item;
    }),
  );
}

export function fill(selector: string, text: string): void {
  for (const part of document.querySelectorAll(selector)) part.textContent = text;
}

function row(
  line: CartLine,
  at: number,
  change: (at: number, quantity: number) => void,
  remove: (at: number) => void,
): HTMLElement {
  const item = element("li", "line");
  const link = element("a", "line-picture");
  link.setAttribute("href", line.itemUrl);
  link.append(picture(line, 120));
  const name = element("a", "line-name", line.itemName);
  name.setAttribute("href", line.itemUrl);
  const text = element("div", "line-text");
  text.append(
    name,
    element("span", "muted", [line.itemBrand, line.itemVariant].filter(Boolean).join(" · ")),
    element("span", "price", money(line.price)),
  );

  const quantity = document.createElement("input");
  quantity.type = "number";
  quantity.min = "1";
  quantity.max = "99";
  quantity.value = String(line.quantity);
  quantity.setAttribute("aria-label", `Quantity of ${line.itemName}`);
  quantity.addEventListener("change", () => change(at, Number(quantity.value)));

  const drop = element("button", "link-button", "Remove") as HTMLButtonElement;
  drop.type = "button";
  drop.setAttribute("aria-label", `Remove ${line.itemName}`);
  drop.dataset.tmEvent = "remove_from_cart";
  drop.dataset.tmItem = JSON.stringify(line);
  drop.dataset.tmParams = JSON.stringify({
    currency: line.currency,
    value: (Math.round(line.price * 100) * line.quantity) / 100,
  });
  drop.addEventListener("click", () => remove(at));

  const tools = element("div", "line-tools");
  tools.append(quantity, element("span", "line-sum", money(line.price * line.quantity)), drop);
  item.append(link, text, tools);
  return item;
}

function picture(line: CartLine, size: number): HTMLImageElement {
  const image = new Image(size, size);
  image.src = line.itemImage;
  image.alt = "";
  return image;
}

function element(tag: string, className: string, text?: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

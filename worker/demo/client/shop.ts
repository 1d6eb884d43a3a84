import "./shop.css";
import { startBasket } from "./basket.ts";
import { countOf } from "./cart.ts";
import { startCheckout, startOrder } from "./checkout.ts";
import { startProduct } from "./product.ts";
import { loadLines, onCartChanged } from "./storage.ts";

const TOAST_MS = 3500;

function showCount(): void {
  const count = countOf(loadLines());
  for (const badge of document.querySelectorAll<HTMLElement>("[data-cart-count]")) {
    badge.textContent = count > 99 ? "99+" : String(count);
    badge.classList.toggle("has-items", count > 0);
  }
}

let toastTimer: ReturnType<typeof setTimeout> | undefined;

function toast(text: string): void {
  const box = document.querySelector<HTMLElement>("[data-toast]");
  if (!box) return;
  box.textContent = text;
  box.classList.add("is-shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("is-shown"), TOAST_MS);
}

/** A choice takes effect at once; without this script the Apply button does it. */
function startFilters(): void {
  const form = document.querySelector<HTMLFormElement>("[data-filters]");
  if (!form) return;
  const wide = matchMedia("(min-width: 900px)");
  const apply = (event: Event): void => {
    const target = event.target as HTMLElement;
    if (target.id === "fold") return;
    // On a phone the list is out of sight while choosing, so the button decides; sorting is always at once.
    if (wide.matches || target.id === "sort") form.requestSubmit();
  };
  form.addEventListener("change", apply);
  document.querySelector("#sort")?.addEventListener("change", apply);
  // What says nothing stays out of the address.
  form.addEventListener("formdata", ({ formData }) => {
    if (formData.get("max") === "") formData.delete("max");
    if (formData.get("sort") === "featured") formData.delete("sort");
  });
}

// On a phone the categories scroll; the one that is open comes into sight.
const nav = document.querySelector<HTMLElement>(".nav");
const open = nav?.querySelector<HTMLElement>("[aria-current]");
if (nav && open) nav.scrollLeft = open.offsetLeft - (nav.clientWidth - open.offsetWidth) / 2;

showCount();
onCartChanged(showCount);
addEventListener("pageshow", showCount);
startFilters();

switch (document.body.dataset.page) {
  case "product":
    startProduct(toast, showCount);
    break;
  case "cart":
    startBasket(toast, showCount);
    break;
  case "checkout":
    startCheckout();
    break;
  case "order":
    startOrder();
    break;
}

import { addLine, type CartLine, countOf } from "./cart.ts";
import { loadLines, saveLines } from "./storage.ts";

/** The product page: gallery, variant, quantity, and the button that adds. */
export function startProduct(toast: (text: string) => void, showCount: () => void): void {
  const form = document.querySelector<HTMLFormElement>("[data-buy]");
  const button = form?.querySelector<HTMLButtonElement>("[data-add]");
  const main = document.querySelector<HTMLImageElement>("[data-main]");
  if (!form || !button || !main) return;
  const base = JSON.parse(button.dataset.tmItem ?? "{}") as CartLine;
  const thumbs = [...document.querySelectorAll<HTMLButtonElement>("[data-view]")];
  let colour = 0;
  let view = 0;

  const pictureAt = (viewAt: number): string =>
    base.itemImage.replace(/\.svg$/, `${colour ? `-c${colour}` : ""}${viewAt ? `-v${viewAt}` : ""}.svg`);

  const chosen = (): CartLine => {
    const data = new FormData(form);
    const variant = [data.get("colour"), data.get("size")]
      .filter((part) => typeof part === "string")
      .join(" / ");
    const most = Number(form.querySelector<HTMLInputElement>("#quantity")?.max) || 1;
    const quantity = Math.min(most, Math.max(1, Math.floor(Number(data.get("quantity"))) || 1));
    return { ...base, itemVariant: variant, itemImage: pictureAt(0), quantity };
  };

  // The attributes are what the SDK reads on a click, so they follow each choice at once.
  const refresh = (): void => {
    const line = chosen();
    const { itemImage: _picture, ...item } = line;
    button.dataset.tmItem = JSON.stringify({ ...item, itemImage: base.itemImage });
    button.dataset.tmParams = JSON.stringify({
      currency: line.currency,
      value: (Math.round(line.price * 100) * line.quantity) / 100,
    });
    main.src = pictureAt(view);
    main.alt = `${line.itemName} in ${line.itemVariant}`;
    for (const thumb of thumbs) {
      const at = Number(thumb.dataset.view);
      thumb.setAttribute("aria-pressed", String(at === view));
      const image = thumb.querySelector("img");
      if (image) image.src = pictureAt(at);
    }
  };

  form.addEventListener("change", (event) => {
    const picked = event.target;
    if (picked instanceof HTMLInputElement && picked.dataset.colour) colour = Number(picked.dataset.colour);
    refresh();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
  for (const thumb of thumbs) {
    thumb.addEventListener("click", () => {
      view = Number(thumb.dataset.view);
      refresh();
    });
  }
  button.addEventListener("click", () => {
    const lines = addLine(loadLines(), chosen());
    saveLines(lines);
    showCount();
    toast(`${base.itemName} is in your basket (${countOf(lines)})`);
  });
  refresh();
}

import { type CartLine, type Order, readLines, readOrder } from "./cart.ts";

const CART_KEY = "fell-and-hearth.cart";
const ORDER_KEY = "fell-and-hearth.order";

/** A page whose storage is closed to it keeps its basket until it is left. */
const memory = new Map<string, string>();

export function loadLines(): CartLine[] {
  return readLines(read(CART_KEY));
}

export function saveLines(lines: CartLine[]): void {
  write(CART_KEY, JSON.stringify(lines));
}

export function loadOrder(): Order | undefined {
  return readOrder(read(ORDER_KEY));
}

export function saveOrder(order: Order): void {
  write(ORDER_KEY, JSON.stringify(order));
}

/** Another tab changed the basket. */
export function onCartChanged(run: () => void): void {
  addEventListener("storage", (event) => {
    if (event.key === CART_KEY) run();
  });
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key: string, text: string): void {
  memory.set(key, text);
  try {
    localStorage.setItem(key, text);
  } catch {
    // Storage is blocked or full: the copy in memory serves this page.
  }
}

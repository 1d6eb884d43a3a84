/** One line of the basket: a product in one variant. */
export interface CartLine {
  itemId: string;
  itemName: string;
  itemBrand?: string;
  itemCategory?: string;
  itemVariant?: string;
  itemUrl: string;
  itemImage: string;
  price: number;
  currency: string;
  quantity: number;
}

export interface Order {
  transactionId: string;
  lines: CartLine[];
  shipping: number;
}

export const LINES_MAX = 50;
export const QUANTITY_MAX = 99;
const FREE_DELIVERY_FROM = 80;
const DELIVERY = 4.9;

export function addLine(lines: CartLine[], line: CartLine): CartLine[] {
  const at = lines.findIndex(
    (other) => other.itemId === line.itemId && other.itemVariant === line.itemVariant,
  );
  if (at < 0) return [...lines, line].slice(-LINES_MAX);
  return setQuantity(lines, at, (lines[at]?.quantity ?? 0) + line.quantity);
}

export function setQuantity(lines: CartLine[], at: number, quantity: number): CartLine[] {
  const next = Math.min(QUANTITY_MAX, Math.max(1, Math.floor(quantity) || 1));
  return lines.map((line, index) => (index === at ? { ...line, quantity: next } : line));
}

export function removeLine(lines: CartLine[], at: number): CartLine[] {
  return lines.filter((_, index) => index !== at);
}

export function countOf(lines: CartLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** In cents first, so that no sum ends in …99999. */
export function subtotalOf(lines: CartLine[]): number {
  return lines.reduce((sum, line) => sum + Math.round(line.price * 100) * line.quantity, 0) / 100;
}

export function deliveryOf(lines: CartLine[]): number {
  return lines.length === 0 || subtotalOf(lines) >= FREE_DELIVERY_FROM ? 0 : DELIVERY;
}

/** What the basket was left as; anything else in the storage counts as an empty basket. */
export function readLines(text: string | null): CartLine[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter(isLine).slice(0, LINES_MAX) : [];
  } catch {
    return [];
  }
}

/** The last order, or undefined where the storage holds none that can be read. */
export function readOrder(text: string | null): Order | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    if (typeof value !== "object" || value === null) return undefined;
    const { transactionId, lines, shipping } = value as Partial<Order>;
    if (typeof transactionId !== "string" || !Array.isArray(lines) || typeof shipping !== "number")
      return undefined;
    return { transactionId, lines: lines.filter(isLine), shipping };
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is CartLine {
  const line = value as Partial<CartLine> | null;
  return (
    typeof line === "object" &&
    line !== null &&
    typeof line.itemId === "string" &&
    typeof line.itemName === "string" &&
    typeof line.itemUrl === "string" &&
    typeof line.itemImage === "string" &&
    typeof line.price === "number" &&
    typeof line.quantity === "number"
  );
}

/** "FH-7K3M-Q9XD" from random bytes; without letters that look alike. */
export function orderNumber(bytes: Uint8Array): string {
  const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  const text = [...bytes.subarray(0, 8)].map((byte) => letters[byte % letters.length]).join("");
  return `FH-${text.slice(0, 4)}-${text.slice(4)}`;
}

/** 1234.5 as "€1,234.50". */
export function money(amount: number): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" }).format(amount);
}

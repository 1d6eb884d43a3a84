/** The few SVG marks that every picture is made of, on a canvas of 800 × 800 with the floor at 640. */

/** Paints that picture.ts defines for each picture; shapes name them. */
export const MAIN = "url(#main)";
/** The main colour on a flat surface, lit from above. */
export const FLAT = "url(#flat)";
export const DEEP = "url(#deep)";
export const PALE = "url(#pale)";
export const WOOD = "url(#wood)";
export const STEEL = "url(#steel)";
export const IRON = "url(#iron)";
export const LINEN = "url(#linen)";
export const BRASS = "url(#brass)";
export const GLASS = "url(#glass)";
export const GLOW = "url(#glow)";
/** The weave or glaze of this product, transparent where it has none. */
export const WEAVE = "url(#weave)";

/** What a shape may vary by: `vary(n, low, high)` is fixed for a product and the number n. */
export interface Model {
  vary(n: number, low: number, high: number): number;
}

export type Shape = (model: Model) => string;

export function path(d: string, fill: string, more = ""): string {
  return `<path d="${d}" fill="${fill}"${more && ` ${more}`}/>`;
}

/** The same outline twice: the colour, then the weave over it. */
export function woven(d: string, fill: string = FLAT): string {
  return path(d, fill) + path(d, WEAVE);
}

export function rect(x: number, y: number, w: number, h: number, radius: number, fill: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" rx="${radius}" fill="${fill}"/>`;
}

export function oval(cx: number, cy: number, rx: number, ry: number, fill: string, more = ""): string {
  return `<ellipse cx="${round(cx)}" cy="${round(cy)}" rx="${round(rx)}" ry="${round(ry)}" fill="${fill}"${more && ` ${more}`}/>`;
}

/** An open stroke with round ends. */
export function stroke(d: string, paint: string, width: number, more = ""): string {
  return `<path d="${d}" fill="none" stroke="${paint}" stroke-width="${round(width)}" stroke-linecap="round" stroke-linejoin="round"${more && ` ${more}`}/>`;
}

/** What is drawn on the left appears on the right as well. */
export function mirrored(marks: string): string {
  return `${marks}<g transform="matrix(-1 0 0 1 800 0)">${marks}</g>`;
}

export function turned(marks: string, degrees: number, x = 400, y = 400): string {
  return `<g transform="rotate(${round(degrees)} ${x} ${y})">${marks}</g>`;
}

/** A soft line of light on a surface. */
export function sheen(d: string, width = 10): string {
  return stroke(d, "#fff", width, 'opacity=".28"');
}

/** A thin dark line: a seam, a gap, a fold. */
export function seam(d: string, width = 3): string {
  return stroke(d, "#1b1713", width, 'opacity=".26"');
}

/** A dashed line of thread. */
export function stitches(d: string): string {
  return stroke(d, "#fff", 2.5, 'opacity=".4" stroke-dasharray="9 8"');
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

import { describe, expect, it } from "vitest";
import { PRODUCTS } from "../catalog/product.ts";
import { drawPicture, PICTURE_VIEWS } from "./picture.ts";

describe("a picture", () => {
  it("is the same for ever for the same product", () => {
    expect(drawPicture("tent", "moss", "CA-001", "studio")).toBe(
      drawPicture("tent", "moss", "CA-001", "studio"),
    );
  });

  it("differs between products, colours and views", () => {
    const all = PRODUCTS.flatMap((product) =>
      product.colours.flatMap((colour) =>
        PICTURE_VIEWS.map((view) => drawPicture(product.shape, colour, product.id, view)),
      ),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it("is closed markup without numbers that are none, and small", () => {
    for (const { shape, colours, id } of PRODUCTS) {
      const svg = drawPicture(shape, colours[0] ?? "ink", id, "studio");
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg.length).toBeLessThan(20_000);
      expect(openElements(svg)).toEqual([]);
    }
  });

  it("brings no script and nothing from elsewhere", () => {
    const svg = drawPicture("mug", "clay", "TA-011", "wall");
    expect(svg).not.toMatch(/<script|on\w+=|href|style=/);
    expect(svg.match(/https?:\/\/[^"]+/g)).toEqual(["http://www.w3.org/2000/svg"]);
  });
});

function openElements(svg: string): string[] {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else if (!self) open.push(name ?? "");
  }
  return open;
}

import { describe, expect, it } from "vitest";
import { search } from "./search.ts";

const names = (query: string): string[] => search(query).map((product) => product.name);

describe("search", () => {
  it("puts the name before the kind, and the kind before a mention", () => {
    const found = search("lantern");
    expect(found.slice(0, 3).every((product) => product.name.includes("Lantern"))).toBe(true);
    const blanket = search("blanket");
    const last = blanket.findLastIndex((product) => product.name.includes("Blanket"));
    const mention = blanket.findIndex(
      (product) => product.kind !== "Blankets" && !product.name.includes("Blanket"),
    );
    if (mention >= 0) expect(last).toBeLessThan(mention);
  });

  it("wants every word of the query", () => {
    expect(names("wool blanket")[0]).toBe("Fell Wool Blanket");
    expect(names("wool qqqqq")).toEqual([]);
  });

  it("finds by brand, category, colour and plural", () => {
    expect(search("tarn").length).toBeGreaterThan(10);
    expect(search("kitchen").some((product) => product.category.id === "kitchen")).toBe(true);
    expect(
      search("teal mug")
        .concat(search("ink mug"))
        .some((product) => product.shape === "mug"),
    ).toBe(true);
    expect(names("tents")).toEqual(names("tent"));
    expect(
      search("knives")
        .slice(0, 3)
        .every((product) => product.kind === "Knives"),
    ).toBe(true);
  });

  it("forgives one wrong, missing or swapped letter", () => {
    for (const typo of ["lantrn", "lantren", "lantrrn", "llantern"])
      expect(names(typo)[0]).toMatch(/Lantern/);
    expect(names("boucle")).toContain("Bouclé Cushion");
  });

  it("does not take a neighbouring word for one that the shop has", () => {
    for (const name of names("wool")) expect(name).not.toMatch(/^Wood|Fork|Trowel/);
  });

  it("finds nothing for nothing and for what the shop has not", () => {
    expect(search("")).toEqual([]);
    expect(search("  --- ")).toEqual([]);
    expect(search("trampoline")).toEqual([]);
    expect(search("x".repeat(5000))).toEqual([]);
  });

  it("gives the same order each time", () => {
    expect(names("wool")).toEqual(names("wool"));
  });
});

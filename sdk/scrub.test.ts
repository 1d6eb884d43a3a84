import { expect, test } from "vitest";
import { cleanAddress, cleanParams, cleanText } from "./scrub.ts";

test("mail addresses are in no text, written out or in an address; names of accounts and versions stay", () => {
  expect(cleanText("no account for Ann.Lee+x@mail.example.com here")).toBe("no account for  here");
  expect(cleanText("https://x.example/out/ann%40mail.example/next")).toBe("https://x.example/out//next");
  expect(cleanText("https://x.example/@channel/lib@2")).toBe("https://x.example/@channel/lib@2");
});

test("a text is bounded, and quick to look through", () => {
  expect(cleanText("a".repeat(1_000_000))).toHaveLength(1_000);
});

test("addresses have no tokens either", () => {
  expect(cleanAddress("https://x.example/c?token=1&a=2&mail=a@b.example")).toBe(
    "https://x.example/c?&a=2&mail=",
  );
});

test("what the shop names goes up to the end of its word or parameter, and stands in the place of tokens", () => {
  expect(cleanText("voucher-77 for shoes", "voucher|pin=")).toBe(" for shoes");
  expect(cleanAddress("https://x.example/c?pin=1234&token=1", "voucher|pin=")).toBe(
    "https://x.example/c?&token=1",
  );
});

test("of the parameters that somebody else gave, addresses, titles and search terms are cleaned, items are not", () => {
  const items = [{ itemId: "voucher-10", itemUrl: "/voucher-10" }];
  const params = {
    page_location: "https://x.example/?voucher=A1&b=2",
    page_title: "Your voucher-77",
    searchTerm: "voucher-78 ann@mail.example",
    method: "voucher",
    value: 3,
    items,
  };
  expect(cleanParams(params, "voucher")).toEqual({
    page_location: "https://x.example/?&b=2",
    page_title: "Your ",
    searchTerm: " ",
    method: "voucher",
    value: 3,
    items,
  });
});

test("nothing is left where the shop's pattern is no pattern", () => {
  expect(cleanText("a lamp", "token|(")).toBe("");
  expect(cleanParams({ linkUrl: "https://a.example/", n: 1 }, "token|(")).toEqual({ linkUrl: "", n: 1 });
});

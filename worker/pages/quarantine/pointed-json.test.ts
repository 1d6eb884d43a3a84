import { describe, expect, test } from "vitest";
import { eventPointer, pointedJson } from "./pointed-json.ts";

const EVENT = { name: "purchase", items: [{ id: "a" }, { id: "b", "a/b~c": [] }], value: "12,90", props: {} };

/** What is highlighted. */
function pointed(pointer: string): string | undefined {
  const { text, range } = pointedJson(JSON.stringify(EVENT), pointer);
  return range && text.slice(...range);
}

describe("an event as text", () => {
  test("is the JSON that it was, indented", () => {
    expect(pointedJson(JSON.stringify(EVENT), "/value").text).toBe(
      JSON.stringify(EVENT, null, 2).replaceAll(/\[\s+\]/g, "[]"),
    );
    for (const json of ["5", "null", '"x"', "[]", "{}", "[1,[2]]"])
      expect(JSON.parse(pointedJson(json, "").text)).toEqual(JSON.parse(json));
  });

  test("shows what a pointer names, key included", () => {
    expect(pointed("/value")).toBe('"value": "12,90"');
    expect(pointed("/items/1/id")).toBe('"id": "b"');
    expect(pointed("/items/1/a~1b~0c")).toBe('"a/b~c": []');
    expect(pointed("/items/0")).toBe('{\n      "id": "a"\n    }');
    expect(pointed("")).toContain('"purchase"');
  });

  test("shows nothing where the pointer names what is not there", () => {
    for (const pointer of ["/currency", "/items/2", "/value/x", "/items/length", "/props/toString"])
      expect(pointed(pointer)).toBeUndefined();
  });

  test("that is no JSON is left alone", () => {
    expect(pointedJson("", "/value")).toEqual({ text: "" });
  });
});

test("a pointer into a body is one into its event", () => {
  expect(eventPointer("/events/12/items/0/price")).toBe("/items/0/price");
  expect(eventPointer("/events/3")).toBe("");
  expect(eventPointer("/eventsful/3/x")).toBe("/eventsful/3/x");
});

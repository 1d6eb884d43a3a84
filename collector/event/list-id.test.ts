import { webcrypto } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPrivateId } from "../ingest/privacy/mask-text.ts";
import { ID_LENGTH_MAX } from "./limits.ts";
import { listId, listIds, readListId } from "./list-id.ts";

const anyList = fc.record({
  placement: fc.oneof(
    fc.string(),
    fc.constantFrom("home", "4111-1111-1111-1111", "me@shop.example", undefined),
  ),
  variant: fc.constantFrom("model" as const, "control" as const),
  kind: fc.constantFrom("session", "similar", "bought_together"),
  requestId: fc.oneof(
    fc.uuid(),
    // All digits, with a sum that a card has.
    fc.constantFrom("41111111-1111-1111-9111-111111111111", "00000000-0000-4000-8000-000000000000"),
  ),
});

describe("a list id", () => {
  test("names placement, variant, request and kind", () => {
    const id = listId({
      placement: "cart-below",
      variant: "control",
      kind: "similar",
      requestId: "0f9a0000-0000-4000-8000-00000000000e",
    });
    expect(id).toMatch(/^rec:cart-below:control:[a-p]{32}:similar$/);
    expect(readListId(id)).toEqual({ placement: "cart-below", variant: "control", kind: "similar" });
  });

  test("fits into an event, is never taken for a card number or an address, and is read back", () => {
    fc.assert(
      fc.property(anyList, (list) => {
        const id = listId(list);
        expect(id.length).toBeLessThanOrEqual(ID_LENGTH_MAX);
        expect(isPrivateId(id)).toBe(false);
        expect(readListId(id)).toMatchObject({ variant: list.variant, kind: list.kind });
      }),
    );
    for (let i = 0; i < 2_000; i++) {
      const id = listId({
        placement: "home",
        variant: "model",
        kind: "session",
        requestId: webcrypto.randomUUID(),
      });
      expect(isPrivateId(id)).toBe(false);
    }
  });

  test("differs for two requests", () => {
    const list = { placement: "home", variant: "model", kind: "session" } as const;
    const ids = new Set(
      Array.from({ length: 100 }, () => listId({ ...list, requestId: webcrypto.randomUUID() })),
    );
    expect(ids.size).toBe(100);
  });

  test("differs for all lists of a request, however alike, and says the same of them", () => {
    const requestId = "0f9a0000-0000-4000-8000-00000000000e";
    fc.assert(
      fc.property(fc.array(anyList, { maxLength: 12 }), (some) => {
        const lists = [...some, ...some]
          .slice(0, 12)
          .map(({ placement, variant, kind }) => ({ placement, variant, kind }));
        const ids = listIds(lists, requestId);
        expect(new Set(ids).size).toBe(lists.length);
        for (const [at, id] of ids.entries()) {
          const alone = listId({ ...(lists[at] as (typeof lists)[number]), requestId });
          expect(readListId(id)).toEqual(readListId(alone));
          expect(id.length).toBeLessThanOrEqual(ID_LENGTH_MAX);
          expect(isPrivateId(id)).toBe(false);
        }
      }),
    );
  });

  test.each([
    undefined,
    "category-garden",
    "rec:home:session-2",
    "rec:home:remembered",
    "rec:home:best:abc:session",
    "rec::model:abc:session",
    "rec:home:model::session",
    "rec:home:model:abc:session:more",
    "rec:ho me:model:abc:session",
    `rec:${"x".repeat(60)}:model:abc`,
  ])("is not read from %s", (text) => expect(readListId(text)).toBeUndefined());

  test("without a kind is of the kind that is the default", () => {
    expect(readListId("rec:home:model:abc")).toEqual({
      placement: "home",
      variant: "model",
      kind: "session",
    });
  });
});

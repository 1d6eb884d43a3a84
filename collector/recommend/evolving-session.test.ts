import fc from "fast-check";
import { expect, test } from "vitest";
import { joinRecent } from "./evolving-session.ts";

const ids = (text: string) => [...text];

test.each([
  ["nothing learned yet: the request is the session", "", "abc", "abc"],
  ["nothing told: the session is what was learned", "abc", "", "abc"],
  ["only the unseen tail is added", "ab", "abcd", "abcd"],
  ["the request may know only the newest clicks", "abcde", "def", "abcdef"],
  ["a request behind the model adds nothing", "abcd", "abc", "abcd"],
  ["the model may have lost the beginning", "c", "abcd", "cd"],
  ["going back to an item is a new click", "a", "aba", "aba"],
  ["clicks that share nothing follow each other", "ab", "xy", "abxy"],
  ["a reload is not a second look", "aab", "bb", "ab"],
])("%s", (_name, known, recent, joined) => {
  expect(joinRecent(ids(known), ids(recent))).toEqual(ids(joined));
});

test("the newest click of a request that is ahead is always the newest of the session", () => {
  const clicks = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
  fc.assert(
    fc.property(clicks, fc.nat(12), fc.nat(12), (all, learned, told) => {
      const session = all.filter((id, i) => id !== all[i - 1]);
      const joined = joinRecent(session.slice(0, learned), session.slice(-Math.max(1, told)));
      const isDistinct = new Set(session).size === session.length;
      if (session.length > 0 && isDistinct) expect(joined.at(-1)).toBe(session.at(-1));
      joined.forEach((id, i) => {
        expect(id).not.toBe(joined[i - 1]);
      });
    }),
  );
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTANTS } from "../../collector/simulation/mutants/all.ts";
import { rootDir } from "../build/places.ts";

test("each mutant has its place in the code, once", () => {
  const lost = MUTANTS.filter(
    ({ file, find }) => readFileSync(`${rootDir}${file}`, "utf8").split(find).length !== 2,
  );
  expect(lost.map(({ name }) => name)).toEqual([]);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

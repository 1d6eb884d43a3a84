import { expect, it } from "vitest";
import { documentedCodes, judge } from "./judge.ts";
import { operationsOf } from "./operations.ts";
import { makeInput } from "./request.ts";
import { shrink } from "./shrink.ts";

const OPERATIONS = operationsOf({
  paths: {
    "/v1/batches": { post: { "x-tidemark-roles": ["write"] } },
    "/v1/lake/{part}": {
      get: {
        "x-tidemark-roles": ["read"],
        parameters: [
          { name: "part", in: "path" },
          { name: "range", in: "header" },
        ],
      },
    },
  },
});
const BATCH = {
  index: 0,
  kind: "",
  operation: "POST /v1/batches",
  method: "POST",
  path: "/v1/batches",
  headers: [],
};
const PROBLEM = { "content-type": "application/problem+json", "x-request-id": "1" };

function problem(status: number, code: string): string {
  return JSON.stringify({ type: `https://tidemark.dev/problems/${code}`, status });
}

it("the same seed and number give the same input, whatever was made before", () => {
  for (let index = 0; index < 300; index++) {
    makeInput(2, index * 7, OPERATIONS, 0);
    expect(makeInput(1, index, OPERATIONS, 0)).toEqual(makeInput(1, index, OPERATIONS, 0));
  }
  const once = JSON.stringify(Array.from({ length: 50 }, (_, index) => makeInput(1, index, OPERATIONS, 0)));
  expect(
    JSON.stringify(Array.from({ length: 50 }, (_, index) => makeInput(2, index, OPERATIONS, 0))),
  ).not.toBe(once);
});

it.each([
  ["a problem with a code", 400, PROBLEM, problem(400, "body_not_json"), undefined],
  [
    "overload with a time to come back",
    503,
    { ...PROBLEM, "retry-after": "1" },
    problem(503, "overloaded"),
    undefined,
  ],
  ["overload without one", 503, PROBLEM, problem(503, "overloaded"), /503/],
  ["our mistake", 500, PROBLEM, problem(500, "internal"), /500/],
  ["a code that nobody wrote down", 400, PROBLEM, problem(400, "hm"), /no document/],
  ["another status than it says", 404, PROBLEM, problem(400, "body_not_json"), /status 400/],
  ["an error as text", 400, { "content-type": "text/plain", "x-request-id": "1" }, "no", /text\/plain/],
  [
    "a receipt that does not add up",
    200,
    {},
    '{"accepted":1,"duplicate":0,"quarantined":0,"refused":0}',
    /3 events/,
  ],
  ["a receipt about nothing", 200, {}, "{}", /NaN events/],
] as const)("%s is judged", (_, status, headers, text, fault) => {
  const verdict = judge({ ...BATCH, events: 3 }, { status, headers, text }, documentedCodes());
  if (fault === undefined) expect(verdict.fault).toBeUndefined();
  else expect(verdict.fault).toMatch(fault);
});

it("what fails is made as small as it can be", async () => {
  const body = new TextEncoder().encode(`${"a".repeat(500)}X${"b".repeat(700)}`);
  const input = {
    ...BATCH,
    path: "/v1/batches?a=1&key=k&b=2",
    headers: [["x-a", "1"]] as [string, string][],
    body,
  };
  const smallest = await shrink(
    input,
    async (one) => one.path.includes("key=k") && new TextDecoder().decode(one.body).includes("X"),
  );
  expect(smallest).toMatchObject({ path: "/v1/batches?key=k", headers: [] });
  expect(new TextDecoder().decode(smallest.body)).toBe("X");
});

import { describe, expect, it } from "vitest";
import { Problem } from "./problem.ts";
import { overloadedProblem, within, withRetry } from "./shards.ts";

/** Fails so many times with an error as it comes from an object, then answers; counts its calls. */
function flaky(failures: number, marks: { overloaded?: boolean; retryable?: boolean }) {
  const calls = { count: 0 };
  const run = async () => {
    calls.count++;
    if (calls.count <= failures) throw Object.assign(new Error("remote"), marks);
    return "answer";
  };
  return { calls, run };
}

describe("a call to an object", () => {
  it("that was lost on the way is made once more", async () => {
    const { calls, run } = flaky(1, { retryable: true });
    expect(await withRetry(run)).toBe("answer");
    expect(calls.count).toBe(2);
  });

  it.each([
    ["lost twice: come again later", flaky(2, { retryable: true }), 2, "overloaded"],
    ["an overloaded object is left alone", flaky(9, { overloaded: true, retryable: true }), 1, "overloaded"],
    ["a failure of the object itself is ours", flaky(9, {}), 1, "remote"],
  ])("%s", async (_, { calls, run }, count, message) => {
    await expect(withRetry(run)).rejects.toThrow(message);
    expect(calls.count).toBe(count);
  });

  it("that has no answer in time is given up, and may come again", async () => {
    await expect(within(5, new Promise(() => {}))).rejects.toThrow("overloaded");
    expect(await within(60_000, Promise.resolve("answer"))).toBe("answer");
  });

  it("says in whole seconds when to come again", () => {
    const problem = overloadedProblem(1_001);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem.options.headers).toEqual({ "retry-after": "2" });
  });
});

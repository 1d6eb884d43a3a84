import { runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";
import { overloadedProblem, type ShardPort, within, withRetry } from "./shards.ts";

const env = bindings as Env;

/** Fails so many times with an error as it comes from an object, then answers; counts its calls. */
function flaky(
  failures: number,
  marks: { overloaded?: boolean; retryable?: boolean; durableObjectReset?: boolean },
) {
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

  it("that an object was asked as it began anew is made once more, of the object that began", async () => {
    const object = env.SHARDS.getByName("begins-anew/0");
    let tries = 0;
    const usage = await withRetry(() => {
      if (tries++ === 0)
        void runInDurableObject(object, (_, state) => state.abort("begins anew")).catch(() => undefined);
      return (env.SHARDS.getByName("begins-anew/0") as unknown as ShardPort).usage();
    });
    expect([tries, usage.events]).toEqual([2, 0]);
  });

  it.each([
    ["begun anew twice: come again later", flaky(2, { durableObjectReset: true }), 2, "overloaded"],
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

import { readFile } from "node:fs/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { expect, test } from "vitest";
import { bundleSimulation } from "./bundle.ts";
import { runSeeds } from "./run-seeds.ts";

const SEEDS = [1, 2, 3, 4];

/** Answers the trace of a seed. A timer is a turn of the event loop here as well. */
const WORKER = `
  import { evaluatePage, simulate } from "./simulation.mjs";
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  export default {
    async fetch(request) {
      const seed = Number(new URL(request.url).searchParams.get("seed"));
      const { hash, steps } = await simulate(seed, { evaluatePage, settled });
      return Response.json({ hash, steps });
    },
  };
`;

test("a seed is the same run in workerd as in Node", { timeout: 120_000 }, async () => {
  const bundle = await bundleSimulation("workerd");
  const worker = {
    name: "simulation",
    modules: [
      { type: "ESModule" as const, path: "worker.mjs", contents: WORKER },
      { type: "ESModule" as const, path: "simulation.mjs", contents: await readFile(bundle, "utf8") },
    ],
    compatibilityDate: "2026-11-02",
  };
  const workerd = new Miniflare({
    ...convertV4MiniflareOptions({ workers: [worker] }),
    cf: false,
    telemetry: { enabled: false },
  });
  try {
    for (const seed of SEEDS) {
      const answer = await workerd.dispatchFetch(`http://simulation/?seed=${seed}`);
      const there = (await answer.json()) as { hash: number; steps: number };
      for await (const { hash, steps } of runSeeds(bundle, { first: seed, end: seed + 1, step: 1 }))
        expect(there).toEqual({ hash, steps });
    }
  } finally {
    await workerd.dispose();
  }
});

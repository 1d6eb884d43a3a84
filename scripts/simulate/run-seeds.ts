import type { EvaluatePage } from "../../collector/simulation/page-globals.ts";
import type { Outcome, simulate } from "../../collector/simulation/simulate.ts";

export interface RunSeeds {
  first: number;
  /** One past the last. */
  end: number;
  step: number;
}

interface Bundle {
  simulate: typeof simulate;
  evaluatePage: EvaluatePage;
}

export async function* runSeeds(bundle: string, { first, end, step }: RunSeeds): AsyncGenerator<Outcome> {
  const { simulate, evaluatePage } = (await import(bundle)) as Bundle;
  for (let seed = first; seed < end; seed += step) yield await simulate(seed, { evaluatePage, settled });
}

/** All promises settle before the event loop takes its next turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import type { Latencies } from "../ingest/latencies.ts";

/**
 * Calls `run` `perS` times a second over so many connections. A call that has to wait for a free connection has waited:
 * its latency counts from the moment it was due.
 */
export async function pace(
  perS: number,
  connections: number,
  untilMs: number,
  latencies: Latencies,
  run: () => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  let called = 0;
  const connection = async (): Promise<void> => {
    for (;;) {
      const dueMs = startedMs + (called++ * 1000) / perS;
      if (dueMs >= untilMs) return;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      // A timer that fires late is this side's fault, a connection that was not free in time is the server's.
      const fromMs = waitMs > 0 ? performance.now() : dueMs;
      await run();
      latencies.add(performance.now() - fromMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

/** Calls `run` over so many connections as often as answers come. */
export async function hurry(
  connections: number,
  untilMs: number,
  latencies: Latencies,
  run: () => Promise<void>,
): Promise<void> {
  const connection = async (): Promise<void> => {
    while (performance.now() < untilMs) await latencies.measure(run);
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

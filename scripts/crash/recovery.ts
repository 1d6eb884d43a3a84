import { setTimeout as sleep } from "node:timers/promises";
import type { OverviewReport } from "../../collector/event/report.ts";

const POLL_MS = 20;
const ANSWER_WITHIN_MS = 1_000;

/** From a kill to the first receipt of a batch that was sent after it, and to the first report that is right. */
export class Recovery {
  readonly killedMs: number = performance.now();
  readonly #receipt = Promise.withResolvers<void>();
  firstReceiptMs: number | undefined;
  firstReportMs: number | undefined;
  #isOver = false;

  /** @param sentMs - when the batch left, on the clock of `performance` */
  noteReceipt(sentMs: number): void {
    if (sentMs < this.killedMs || this.firstReceiptMs !== undefined || this.#isOver) return;
    this.firstReceiptMs = performance.now() - this.killedMs;
    this.#receipt.resolve();
  }

  /** Resolves when both have come. A report with less than these events, all acknowledged before, is not right. */
  async watch(origin: string, readKey: string, events: number): Promise<void> {
    while (!this.#isOver && this.firstReportMs === undefined) {
      if (((await eventsReported(origin, readKey)) ?? -1) >= events && !this.#isOver)
        this.firstReportMs = performance.now() - this.killedMs;
      else await sleep(POLL_MS);
    }
    if (!this.#isOver) await this.#receipt.promise;
  }

  /** Another kill came first: what has not come yet will not be measured. */
  end(): void {
    this.#isOver = true;
  }
}

async function eventsReported(origin: string, readKey: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${origin}/v1/reports/overview`, {
      headers: { authorization: `Bearer ${readKey}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return response.ok ? ((await response.json()) as OverviewReport).totals.events : undefined;
  } catch {
    return undefined;
  }
}

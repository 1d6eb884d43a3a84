import type { Env } from "../env.ts";

/** Tells a site's rollup that there is news: one call under way at a time, none when nobody watches. */
export class RollupPoke {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  /** Whether a dashboard is open; unknown after a start, until the rollup has been asked once. */
  #listening: boolean | undefined;
  #isUnderWay = false;
  #isWanted = false;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx;
    this.#env = env;
  }

  /** What the rollup said when it pulled. */
  set listening(listening: boolean) {
    this.#listening = listening;
  }

  tell(site: string): void {
    if (this.#listening === false) return;
    this.#isWanted = true;
    if (!this.#isUnderWay) this.#ctx.waitUntil(this.#run(site));
  }

  async #run(site: string): Promise<void> {
    this.#isUnderWay = true;
    while (this.#isWanted && this.#listening !== false) {
      this.#isWanted = false;
      try {
        this.#listening = (await this.#env.ROLLUPS.getByName(site).poke(site)).listening;
      } catch {
        // A rollup that is restarting will ask for itself; the next commit tries again.
        this.#listening = undefined;
        break;
      }
    }
    this.#isUnderWay = false;
  }
}

import type { ShardStore } from "./shard-store.ts";

/** Work that a shard wakes up for. */
export type AlarmName = "flush" | "quarantine" | "rebuild" | "compact" | "erase" | "retain" | "feed";

/** Many reasons to wake up, one alarm: the earliest of several named times. */
export class Alarms {
  readonly #store: Pick<ShardStore, "alarmMs" | "setAlarm">;
  readonly #dueMs = new Map<AlarmName, number>();
  /** Names whose time an earlier incarnation chose; it is forgotten, but its alarm is set. */
  readonly #resumed = new Set<AlarmName>();
  #armed: Promise<void> = Promise.resolve();

  readonly #onFailed: (error: unknown) => void;

  constructor(store: Pick<ShardStore, "alarmMs" | "setAlarm">, onFailed: (error: unknown) => void) {
    this.#store = store;
    this.#onFailed = onFailed;
  }

  /** Resolves when the store has the alarm for all that was set so far; the next `sync` covers it. */
  get armed(): Promise<void> {
    return this.#armed;
  }

  /** Makes sure that `name` will be due at `atMs` or before. Costs a row only when the alarm must come earlier. */
  set(name: AlarmName, atMs: number): void {
    if ((this.#dueMs.get(name) ?? Number.POSITIVE_INFINITY) <= atMs) return;
    this.#dueMs.set(name, atMs);
    this.#arm();
  }

  /** For work that was left by an earlier incarnation: due when the alarm rings, at `atMs` at the latest. */
  resume(name: AlarmName, atMs: number): void {
    this.#resumed.add(name);
    this.set(name, atMs);
  }

  /**
   * What to do now that the alarm rings: the earliest, whatever the clock says, and all whose time has come.
   * They are no longer set; the others wait for the next ring.
   */
  takeDue(nowMs: number): AlarmName[] {
    const untilMs = Math.max(nowMs, Math.min(...this.#dueMs.values()));
    const due = [...this.#dueMs]
      .filter(([name, dueMs]) => dueMs <= untilMs || this.#resumed.has(name))
      .map(([name]) => name);
    for (const name of due) this.#dueMs.delete(name);
    this.#resumed.clear();
    this.#arm();
    return due;
  }

  #arm(): void {
    // One after the other: two that look at once would each believe the other's alarm is not there.
    this.#armed = this.#armed.then(() => this.#setEarliest());
    this.#armed.catch(() => {});
  }

  async #setEarliest(): Promise<void> {
    if (this.#dueMs.size === 0) return;
    try {
      const setMs = await this.#store.alarmMs();
      const earliestMs = Math.min(...this.#dueMs.values());
      if (Number.isFinite(earliestMs) && (setMs === null || setMs > earliestMs))
        await this.#store.setAlarm(earliestMs);
    } catch (error) {
      this.#onFailed(error);
      throw error;
    }
  }
}

/** The running session: its clicks, oldest first, and its distinct items, newest first. */
export class Trail {
  length = 0;
  /** Each item once. */
  newestFirst: number[] = [];
  /** Clicks on the item of the click before, and on one seen earlier than that. */
  reloads = 0;
  returns = 0;
  readonly #items: number[] = [];
  readonly #kinds: number[] = [];
  /** Time of each click; 0 where only the request knows of it. */
  readonly #timesS: number[] = [];

  clear(): void {
    this.length = 0;
    this.#items.length = 0;
    this.#timesS.length = 0;
    this.#kinds.length = 0;
    this.newestFirst.length = 0;
  }

  push(item: number, kind: number, timeS: number): void {
    this.#items.push(item);
    this.#timesS.push(timeS);
    this.#kinds.push(kind);
    this.length++;
  }

  reverse(): void {
    this.#items.reverse();
    this.#kinds.reverse();
    this.#timesS.reverse();
  }

  itemAt(i: number): number {
    return this.#items[i] as number;
  }

  kindAt(i: number): number {
    return this.#kinds[i] as number;
  }

  /** 0 where only the request knows of the click. */
  timeAt(i: number): number {
    return this.#timesS[i] as number;
  }

  newestTimeS(): number {
    return this.#timesS[this.length - 1] as number;
  }

  /** Call it after the last push. */
  finish(): void {
    this.newestFirst.length = 0;
    for (let i = this.length - 1; i >= 0; i--) {
      const slot = this.#items[i] as number;
      if (!this.newestFirst.includes(slot)) this.newestFirst.push(slot);
    }
    this.reloads = 0;
    this.returns = 0;
    for (let i = 1; i < this.length; i++) {
      const slot = this.#items[i] as number;
      if (slot === this.#items[i - 1]) this.reloads++;
      else if (this.#items.indexOf(slot) < i) this.returns++;
    }
  }

  countOf(slot: number): number {
    let count = 0;
    for (let i = 0; i < this.length; i++) if (this.#items[i] === slot) count++;
    return count;
  }

  /** Whether the session has clicked the item in this way. */
  has(slot: number, kind: number): boolean {
    for (let i = 0; i < this.length; i++) {
      if (this.#items[i] === slot && this.#kinds[i] === kind) return true;
    }
    return false;
  }
}

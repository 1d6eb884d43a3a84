/** The running session: its clicks, oldest first, and its distinct items, newest first. */
export class Trail {
  length = 0;
  /** The newest distinct items. */
  newestFirst: number[] = [];
  readonly #items: number[] = [];
  readonly #kinds: number[] = [];
  /** Time of each click; 0 where only the request knows of it. */
  readonly #timesS: number[] = [];
  readonly #distinctMax: number;

  constructor(distinctMax: number) {
    this.#distinctMax = distinctMax;
  }

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
    for (let i = this.length - 1; i >= 0 && this.newestFirst.length < this.#distinctMax; i--) {
      const slot = this.#items[i] as number;
      if (!this.newestFirst.includes(slot)) this.newestFirst.push(slot);
    }
  }

  /** 1 for the newest item, 2 for the one before; 0 when the item is not among the newest. */
  rankOf(slot: number): number {
    return this.newestFirst.indexOf(slot) + 1;
  }

  countOf(slot: number): number {
    let count = 0;
    for (let i = 0; i < this.length; i++) if (this.#items[i] === slot) count++;
    return count;
  }
}

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

  /** 1 when the item was clicked right after an earlier click on the newest item. */
  followed(slot: number): number {
    const newest = this.#items[this.length - 1];
    for (let i = this.length - 2; i > 0; i--) {
      if (this.#items[i] === slot && this.#items[i - 1] === newest) return 1;
    }
    return 0;
  }

  /** How long the item was looked at when it was left last: 0 unknown or at once, 1 about a minute. */
  dwellOf(slot: number): number {
    for (let i = this.length - 2; i >= 0; i--) {
      if (this.#items[i] !== slot) continue;
      const from = this.#timesS[i] as number;
      const to = this.#timesS[i + 1] as number;
      return from > 0 && to > from ? Math.log(1 + Math.min(1800, to - from)) / 4 : 0;
    }
    return 0;
  }
}

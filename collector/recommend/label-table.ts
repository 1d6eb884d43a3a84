/** Labels from events stop here, so that those of the catalogue always find room (CATALOG_LABELS_MAX). */
const EVENT_LABELS_MAX = 8192;
const LABELS_MAX = 16_384;
/** Stands for no label, and for one that found no room. */
export const NO_LABEL = 0;

/** Categories, brands, tags and currencies as numbers: a hundred thousand items share a few thousand of them. */
export class LabelTable {
  readonly #texts: string[] = [""];
  readonly #uses: number[] = [0];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];

  text(label: number): string | undefined {
    return label === NO_LABEL ? undefined : this.#texts[label];
  }

  /** @returns the label's number, or NO_LABEL when no item has it */
  find(text: string): number {
    return this.#numbers.get(text) ?? NO_LABEL;
  }

  /** Uses the label once more. */
  take(text: string | undefined, from: "events" | "catalog"): number {
    if (!text) return NO_LABEL;
    const known = this.#numbers.get(text);
    const label = known ?? this.#add(text, from === "events" ? EVENT_LABELS_MAX : LABELS_MAX);
    if (label !== NO_LABEL) this.#uses[label] = (this.#uses[label] as number) + 1;
    return label;
  }

  /** Uses a label once more that is in use. */
  use(label: number): void {
    if (label !== NO_LABEL) this.#uses[label] = (this.#uses[label] as number) + 1;
  }

  /** Gives one use back; a label that nobody uses makes room. */
  release(label: number): void {
    if (label === NO_LABEL) return;
    const uses = (this.#uses[label] as number) - 1;
    this.#uses[label] = uses;
    if (uses > 0) return;
    this.#numbers.delete(this.#texts[label] as string);
    this.#texts[label] = "";
    this.#free.push(label);
  }

  #add(text: string, limit: number): number {
    if (this.#numbers.size >= limit - 1) return NO_LABEL;
    const label = this.#free.pop() ?? this.#texts.length;
    this.#texts[label] = text;
    this.#uses[label] = 0;
    this.#numbers.set(text, label);
    return label;
  }
}

/** A list counts as seen once half of it was in view for so long. */
const SEEN_AFTER_MS = 1000;

/** Says once of each list that it was seen. */
export class Impression {
  readonly #report: () => void;
  #isDue = false;
  #isInView = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(report: () => void) {
    this.#report = report;
  }

  /** Another list is shown. */
  restart(): void {
    this.#isDue = true;
    this.#look();
  }

  /** @param isInView - undefined where only the page's own visibility changed */
  look(isInView: boolean = this.#isInView): void {
    this.#isInView = isInView;
    this.#look();
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (!this.#isDue || !this.#isInView || document.hidden) return;
    this.#timer = setTimeout(() => {
      this.#isDue = false;
      this.#report();
    }, SEEN_AFTER_MS);
  }
}

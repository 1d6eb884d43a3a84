const NONE =
  ":host{height:0!important;min-height:0!important;margin:0!important;padding:0!important;overflow:hidden}";

/** How high an element is, in a sheet of its own, since the page's rules for it would go before ours. */
export class Room {
  readonly sheet: CSSStyleSheet = new CSSStyleSheet();
  readonly #element: HTMLElement;
  #isCollapsed = false;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  get isCollapsed(): boolean {
    return this.#isCollapsed;
  }

  /** In view: what stands below the element stays where it is. */
  keep(): void {
    this.sheet.replaceSync(`:host{min-height:${this.#element.offsetHeight}px!important}`);
  }

  /** Out of view: it takes the room that it needs, none at all where there is nothing to show. */
  free(): void {
    this.#isCollapsed = this.#element.hidden === true;
    this.sheet.replaceSync(this.#isCollapsed ? NONE : "");
  }
}

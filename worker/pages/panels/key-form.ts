import { byId, setText } from "../dom.ts";
import { isKey } from "../read-key.ts";

const REASONS: Record<string, string> = {
  key_unknown: "No site has this key. Look for typing errors, or ask who runs this collector.",
  key_forbidden: "This key may not read reports. The dashboard needs a read key, which begins with rk_.",
  key_expired: "This key is not valid any more, or not yet. Ask who runs this collector for its successor.",
  scope_missing: "This key is narrowed to other uses. The dashboard needs the scopes reports and live.",
};

/** Asks for a key; `onKey` is called with one that at least looks like one. */
export class KeyForm {
  readonly #panel: HTMLElement = byId("key-panel");
  readonly #input: HTMLInputElement = byId<HTMLInputElement>("key-input");
  readonly #error: HTMLElement = byId("key-error");

  constructor(onKey: (key: string) => void, prefix = "rk_") {
    byId("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const key = this.#input.value.trim();
      if (isKey(key)) onKey(key);
      else this.show(`A key has only letters, digits, dashes and underscores, and begins with ${prefix}.`);
    });
  }

  /** With what went wrong, or without for the first time. */
  show(problem?: string): void {
    this.#panel.hidden = false;
    this.#error.hidden = problem === undefined;
    setText(this.#error, problem ?? "");
    this.#input.setAttribute("aria-invalid", String(problem !== undefined));
    this.#input.focus();
  }

  hide(): void {
    this.#panel.hidden = true;
    this.#input.value = "";
  }
}

export function keyProblem(code: string, reasons: Record<string, string> = REASONS): string {
  return (Object.hasOwn(reasons, code) && reasons[code]) || `The collector refused this key (${code}).`;
}

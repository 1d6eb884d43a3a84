import type { Canary } from "./canary.ts";

const PREFIX_LENGTH = 8;
/** What people put between the digits of one number. */
const SEPARATORS = /[\s.\-()/+_\u00a0]/g;
const PIECE_LENGTH = 4 * 1024 * 1024;

/** Looks for all canaries at once, in text of any size. */
export class Haystack<Found extends Canary> {
  /** Canaries by the beginning of what must not be found, so that each place in a text costs one look-up. */
  readonly #byPrefix = new Map<string, { needle: string; canary: Found }[]>();
  readonly #lengthMax: number;

  constructor(canaries: readonly Found[]) {
    let lengthMax = 0;
    for (const canary of canaries) {
      for (const needle of canary.needles) {
        if (needle.length < PREFIX_LENGTH) throw new Error(`too short to be looked for: ${canary.kind}`);
        const prefix = needle.slice(0, PREFIX_LENGTH).toLowerCase();
        const list = this.#byPrefix.get(prefix) ?? [];
        list.push({ needle: needle.toLowerCase(), canary });
        this.#byPrefix.set(prefix, list);
        lengthMax = Math.max(lengthMax, needle.length);
      }
    }
    this.#lengthMax = lengthMax;
  }

  /** The canaries in a text: as they are, percent-encoded, in another case, or with separators between. */
  find(text: string): Set<Found> {
    const found = new Set<Found>();
    for (let at = 0; at < text.length; at += PIECE_LENGTH) {
      const piece = text.slice(at, at + PIECE_LENGTH + 3 * this.#lengthMax).toLowerCase();
      this.#findIn(piece, found);
      this.#findIn(piece.replace(SEPARATORS, ""), found);
      if (piece.includes("%"))
        this.#findIn(
          piece.replace(/%([2-7][0-9a-f])/g, (_, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          ),
          found,
        );
    }
    return found;
  }

  #findIn(text: string, found: Set<Found>): void {
    for (let at = 0; at + PREFIX_LENGTH <= text.length; at++) {
      const candidates = this.#byPrefix.get(text.slice(at, at + PREFIX_LENGTH));
      for (const { needle, canary } of candidates ?? []) if (text.startsWith(needle, at)) found.add(canary);
    }
  }
}

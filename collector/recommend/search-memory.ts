import { hash53 } from "../stream/hash.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Clicks after a search that speak for what was searched. */
const CLICKS_AFTER = 3;
const KEEP_S = 30 * 60;
/** Longer terms are cut: nobody types them twice. */
const TERM_LENGTH_MAX = 80;

/** What the running sessions searched last. A session's place follows from its hash, and whoever comes later has it. */
export class SearchMemory {
  readonly #sessions: Float64Array;
  readonly #terms: Float64Array;
  readonly #timesS: Uint32Array;
  readonly #clicksLeft: Uint8Array;

  constructor(sessions: number) {
    this.#sessions = new Float64Array(sessions).fill(-1);
    this.#terms = new Float64Array(sessions);
    this.#timesS = new Uint32Array(sessions);
    this.#clicksLeft = new Uint8Array(sessions);
  }

  put(session: number, term: number, timeS: number): void {
    const at = this.#place(session);
    this.#sessions[at] = session;
    this.#terms[at] = term;
    this.#timesS[at] = timeS;
    this.#clicksLeft[at] = CLICKS_AFTER;
  }

  /** The term of the session's last search, by its hash. */
  find(session: number, nowS: number): number | undefined {
    const at = this.#place(session);
    if (this.#sessions[at] !== session || nowS - (this.#timesS[at] as number) > KEEP_S) return undefined;
    return this.#terms[at];
  }

  /** The same for a click, of which only the first few after a search count. */
  takeClick(session: number, timeS: number): number | undefined {
    const term = this.find(session, timeS);
    const at = this.#place(session);
    const left = this.#clicksLeft[at] as number;
    if (term === undefined || left === 0) return undefined;
    this.#clicksLeft[at] = left - 1;
    return term;
  }

  forget(session: number): boolean {
    const at = this.#place(session);
    if (this.#sessions[at] !== session) return false;
    this.#sessions[at] = -1;
    return true;
  }

  write(writer: PageWriter): void {
    const kept: number[] = [];
    for (let at = 0; at < this.#sessions.length; at++) if (this.#sessions[at] !== -1) kept.push(at);
    writer.u32(kept.length);
    for (const at of kept) {
      writer.f64(this.#sessions[at] as number);
      writer.f64(this.#terms[at] as number);
      writer.u32(this.#timesS[at] as number);
      writer.u8(this.#clicksLeft[at] as number);
    }
  }

  read(reader: PageReader): void {
    for (let left = reader.u32(); left > 0; left--) {
      const session = reader.f64();
      const at = this.#place(session);
      this.#sessions[at] = session;
      this.#terms[at] = reader.f64();
      this.#timesS[at] = reader.u32();
      this.#clicksLeft[at] = reader.u8();
    }
  }

  #place(session: number): number {
    return session % this.#sessions.length;
  }
}

/** A search term as the model knows it: spelled alike, and only its hash, so that nobody's words are kept. */
export function termKey(term: string): number {
  const plain = term.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim();
  return hash53(plain.slice(0, TERM_LENGTH_MAX));
}

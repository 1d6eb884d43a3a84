import type { Page } from "../store/page.ts";
import type { ModelCopy } from "./feed.ts";

/** Of a header: two lengths, 32 bits each. */
const LENGTHS_BYTES = 8;

interface Head extends Omit<ModelCopy, "pages"> {
  pages: number;
}

/**
 * The copy of a model piece by piece, since a whole one may be larger than one call: first what it is, then each page. A
 * piece is the lengths of its text and of its bytes, and both.
 */
export function* packCopy({ pages, ...rest }: ModelCopy): Generator<Uint8Array> {
  const head: Head = { ...rest, pages: pages.length };
  yield piece(JSON.stringify(head), new Uint8Array(0));
  for (const { key, bytes } of pages) yield piece(key, bytes ?? new Uint8Array(0));
}

/** The copy again, from bytes that were cut anywhere; throws where they end too early. */
export async function unpackCopy(chunks: AsyncIterable<Uint8Array>): Promise<ModelCopy> {
  const bytes = new Chunks(chunks[Symbol.asyncIterator]());
  const head = JSON.parse((await readPiece(bytes)).key) as Head;
  const pages: Page[] = [];
  while (pages.length < head.pages) pages.push(await readPiece(bytes));
  return { ...head, pages };
}

function piece(text: string, bytes: Uint8Array): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const whole = new Uint8Array(LENGTHS_BYTES + encoded.length + bytes.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, encoded.length, true);
  view.setUint32(4, bytes.length, true);
  whole.set(encoded, LENGTHS_BYTES);
  whole.set(bytes, LENGTHS_BYTES + encoded.length);
  return whole;
}

async function readPiece(chunks: Chunks): Promise<{ key: string; bytes: Uint8Array }> {
  const lengths = await chunks.take(LENGTHS_BYTES);
  const view = new DataView(lengths.buffer);
  const text = await chunks.take(view.getUint32(0, true));
  return { key: new TextDecoder().decode(text), bytes: await chunks.take(view.getUint32(4, true)) };
}

/** Bytes that come in chunks, to be taken in lengths of our own. */
class Chunks {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  /** @returns bytes in a buffer of their own */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) throw new Error("the copy of a model ends too early");
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, length - at);
      taken.set(part, at);
      at += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken;
  }
}

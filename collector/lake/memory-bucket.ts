import type { PartBucket, StoredObject } from "./part-bucket.ts";

/** Keys of one page of a list; few, so that small tests have several pages. */
const LIST_KEYS_MAX = 10;

/** A bucket in memory, for tests and the simulation. */
export class MemoryBucket implements PartBucket {
  readonly objects: Map<string, StoredObject & { content: Uint8Array }> = new Map();
  readonly #sha256Hex: (bytes: Uint8Array) => Promise<string>;

  constructor(sha256Hex: (bytes: Uint8Array) => Promise<string>) {
    this.#sha256Hex = sha256Hex;
  }

  async putIfAbsent(
    key: string,
    bytes: Uint8Array,
    meta: { sha256: string } & Record<string, string>,
  ): Promise<void> {
    if ((await this.#sha256Hex(bytes)) !== meta.sha256)
      throw new Error(`object ${key} does not have its checksum`);
    if (this.objects.has(key)) return;
    this.objects.set(key, { bytes: bytes.byteLength, meta: { ...meta }, content: bytes.slice() });
  }

  async get(key: string): Promise<Uint8Array | null> {
    return this.objects.get(key)?.content.slice() ?? null;
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key);
  }

  async list(prefix: string, after: string): Promise<{ keys: string[]; isLast: boolean }> {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    return { keys: keys.slice(0, LIST_KEYS_MAX), isLast: keys.length <= LIST_KEYS_MAX };
  }

  async head(key: string): Promise<StoredObject | null> {
    const stored = this.objects.get(key);
    return stored ? { bytes: stored.bytes, meta: { ...stored.meta } } : null;
  }
}

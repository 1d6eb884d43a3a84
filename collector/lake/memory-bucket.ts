import type { PartBucket, StoredObject } from "./part-bucket.ts";

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

  async head(key: string): Promise<StoredObject | null> {
    const stored = this.objects.get(key);
    return stored ? { bytes: stored.bytes, meta: { ...stored.meta } } : null;
  }
}

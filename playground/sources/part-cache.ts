/** Bytes of parts that the browser keeps between visits; the oldest stored leave first. */
export const CACHED_BYTES_MAX: number = 512 * 1024 * 1024;
const CACHE_NAME = "tidemark-lake-1";

/** Parts are immutable, so what is here is right for good. Without the Cache API nothing is kept. */
export interface PartCache {
  get(url: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Brings the cache under its bound. */
  trim(): Promise<void>;
  clear(): Promise<void>;
}

export async function openPartCache(): Promise<PartCache> {
  // Only secure contexts have it: https, and http on loopback.
  if (!("caches" in globalThis)) return { get: none, put: none, trim: none, clear: none };
  const cache = await caches.open(CACHE_NAME);
  return {
    async get(url) {
      const found = await cache.match(url);
      return found && new Uint8Array(await found.arrayBuffer());
    },
    async put(url, bytes) {
      const headers = { "content-length": String(bytes.length) };
      try {
        await cache.put(url, new Response(bytes, { headers }));
      } catch (error) {
        // The disk is full: the part is loaded all the same, and fetched again next time.
        if (!(error instanceof DOMException)) throw error;
      }
    },
    async trim() {
      const requests = await cache.keys();
      let kept = 0;
      for (const request of requests.toReversed()) {
        const stored = await cache.match(request);
        kept += Number(stored?.headers.get("content-length") ?? 0);
        if (kept > CACHED_BYTES_MAX) await cache.delete(request);
      }
    },
    async clear() {
      for (const request of await cache.keys()) await cache.delete(request);
    },
  };
}

async function none(): Promise<undefined> {}

export type Segments = Map<number, { name: string; text: string }>;

/** As much of the package `idb` as the outbox uses. A transaction here is done when it is asked for `done`. */
export async function fakeOpenDB(segments: Segments, latency: () => Promise<void>): Promise<object> {
  await latency();
  const keys = (limit?: number): number[] => [...segments.keys()].sort((a, b) => a - b).slice(0, limit);
  return {
    transaction: () => {
      const added: { name: string; text: string }[] = [];
      return {
        store: {
          add: async (segment: { name: string; text: string }) => void added.push({ ...segment }),
          put: async (segment: { name: string; text: string }, key: number) =>
            void segments.set(key, segment),
          delete: async (key: number) => void segments.delete(key),
        },
        get done(): Promise<void> {
          return latency().then(() => {
            for (const segment of added) segments.set((keys().at(-1) ?? 0) + 1, segment);
          });
        },
      };
    },
    getAllKeys: async (_store: string, _query: null, limit: number) => {
      await latency();
      return keys(limit);
    },
    getAll: async (_store: string, _query: null, limit: number) => {
      await latency();
      return keys(limit).map((key) => ({ ...(segments.get(key) as { name: string; text: string }) }));
    },
    delete: async (_store: string, key: number) => {
      await latency();
      segments.delete(key);
    },
    clear: async () => segments.clear(),
    close: () => {},
  };
}

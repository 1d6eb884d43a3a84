export interface DecodeTask {
  id: number;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
}

export type DecodeAnswer =
  | { id: number; ipc: Uint8Array<ArrayBuffer>; columns: string[]; rows: number }
  | { id: number; error: string };

export type DecodedPart = Exclude<DecodeAnswer, { error: string }>;

/** Turns Parquet parts into Arrow IPC streams in a worker, after checking them against their sha256. */
export class Decoder {
  readonly #worker = new Worker(new URL("./decoder.worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, PromiseWithResolvers<DecodedPart>>();
  #nextId = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<DecodeAnswer>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data);
    });
    this.#worker.addEventListener("error", (event) => {
      const error = new Error(
        `The Parquet reader did not start: ${event.message || "its script is missing"}`,
      );
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  decode(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<DecodedPart> {
    const waiting = Promise.withResolvers<DecodedPart>();
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ id, bytes, sha256 } satisfies DecodeTask, [bytes.buffer]);
    return waiting.promise;
  }

  /** Gives its memory back; WebAssembly memory only grows. */
  close(): void {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("closed"));
  }
}

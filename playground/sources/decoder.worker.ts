import { parquet as moduleUrl } from "virtual:engine-files";
import { tableFromIPC } from "@uwdata/flechette";
import init, { readParquet } from "parquet-wasm/esm";
import type { DecodeAnswer, DecodeTask } from "./decoder.ts";

const ready = init({ module_or_path: moduleUrl });

// Everything a part needs on its way from bytes to Arrow happens here, off the page's own thread.
self.addEventListener("message", ({ data }: MessageEvent<DecodeTask>) => {
  void decode(data).then(
    (answer) => self.postMessage(answer, { transfer: "ipc" in answer ? [answer.ipc.buffer] : [] }),
    (error: unknown) => self.postMessage({ id: data.id, error: String(error) } satisfies DecodeAnswer),
  );
});

async function decode({ id, bytes, sha256 }: DecodeTask): Promise<DecodeAnswer> {
  // crypto.subtle is there in secure contexts only.
  if (globalThis.crypto?.subtle && (await hexDigest(bytes)) !== sha256) {
    return { id, error: "its bytes do not match the manifest's sha256" };
  }
  await ready;
  // A copy: the bytes lie in WebAssembly memory, which cannot be handed over.
  const ipc = Uint8Array.from(readParquet(bytes).intoIPCStream());
  const table = tableFromIPC(ipc);
  return { id, ipc, columns: table.names, rows: table.numRows };
}

async function hexDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

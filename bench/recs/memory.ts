import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Buffers that are given up are freed by another thread, some time after a collection. */
const SWEEP_MS = 50;
const COLLECTIONS = 4;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** MB that are in use: objects, and the buffers behind typed arrays. */
export function usedMb(): number {
  for (let n = 0; n < COLLECTIONS; n++) {
    collectGarbage();
    Atomics.wait(pause, 0, 0, SWEEP_MS);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

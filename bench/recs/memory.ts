import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Buffers that are given up are freed by another thread, some time after a collection: later on a busy machine. */
const SWEEP_MS = 50;
/** Collections that free nothing more before a figure is taken for what is in use, and collections in all. */
const STILL_COLLECTIONS = 6;
const COLLECTIONS_MAX = 100;
const FREED_MB = 0.1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** MB that are in use: objects, and the buffers behind typed arrays. */
export function usedMb(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0, still = 0; n < COLLECTIONS_MAX && still < STILL_COLLECTIONS; n++) {
    collectGarbage();
    Atomics.wait(pause, 0, 0, SWEEP_MS);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const mb = (heapUsed + arrayBuffers) / 1e6;
    still = mb < least - FREED_MB ? 0 : still + 1;
    least = Math.min(least, mb);
  }
  return least;
}

import { LAKE_SCHEMA_VERSION } from "../event/columns.ts";
import type { MemoryBucket } from "../lake/memory-bucket.ts";
import type { ObjectMeta, PartBucket } from "../lake/part-bucket.ts";
import type { FaultName } from "./faults.ts";
import type { World } from "./world.ts";

const LATENCY_MS = 40;
const OURS = String(LAKE_SCHEMA_VERSION);
const OLDER = "0";

/**
 * The lake's bucket as one incarnation of a shard sees it: slow, failing, and a place to crash at.
 *
 * @param pass - ends the incarnation at a named point, if it is its turn; then it does not resolve
 * @param isOld - written by the version before ours
 */
export function faultyBucket(
  world: World,
  bucket: MemoryBucket,
  pass: (point: FaultName) => Promise<void>,
  isOld: boolean,
): PartBucket {
  // To an older version its own schema is the current one, and ours another.
  const translate = <Meta extends ObjectMeta>(meta: Meta): Meta =>
    isOld ? { ...meta, schema: meta.schema === OURS ? OLDER : OURS } : meta;
  return {
    async putIfAbsent(key, bytes, given) {
      const meta = translate(given);
      await world.sleep(world.random.int(1, LATENCY_MS));
      await pass("crash.beforePut");
      if (world.fault("bucket.error")) throw new Error("bucket: 503");
      const there = bucket.objects.get(key);
      if (there) world.reach("bucket.alreadyThere");
      if (there && there.meta.schema !== meta.schema) world.reach("bucket.olderVersion");
      await bucket.putIfAbsent(key, bytes, meta);
      world.note(`put ${key}${there ? " (there)" : ""}`);
      await pass("crash.afterPut");
      if (world.fault("bucket.timeoutAfterSuccess")) throw new Error("bucket: timed out");
    },
    async get(key) {
      await world.sleep(world.random.int(1, LATENCY_MS));
      if (world.fault("bucket.error")) throw new Error("bucket: 503");
      return bucket.get(key);
    },
    async remove(keys) {
      await world.sleep(world.random.int(1, LATENCY_MS));
      if (world.fault("bucket.error")) throw new Error("bucket: 503");
      await bucket.remove(keys);
      await pass("crash.afterRemove");
    },
    async list(prefix, after) {
      await world.sleep(world.random.int(1, LATENCY_MS));
      if (world.fault("bucket.error")) throw new Error("bucket: 503");
      return bucket.list(prefix, after);
    },
    async head(key) {
      await world.sleep(world.random.int(1, LATENCY_MS));
      if (world.fault("bucket.headError")) throw new Error("bucket: 500");
      const stored = await bucket.head(key);
      await pass("crash.afterHead");
      return stored && { ...stored, meta: translate(stored.meta) };
    },
  };
}

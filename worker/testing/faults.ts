/**
 * Faults inside the runtime, for scripts/crash.ts. No build contains this file: a local host puts it in front of
 * the built worker, whose classes it wraps, so the code under test is the one that is deployed.
 */

/** Where a shard can be stopped; each in the order in which an event meets them. */
export const SEAMS = [
  "commit inside its transaction",
  "commit before the disk has it",
  "commit before its receipt",
  "checkpoint between two pages",
  "checkpoint before its receipt",
  "part before its put",
  "part put and not looked at",
  "parts put and not counted",
  "parts counted, before the disk has it",
  "compaction planned",
  "compacted part put and not swapped in",
  "compacted part swapped in, before the disk has it",
  "rebuild about to read a part",
  "rebuild noting how far it is",
] as const;
export type Seam = (typeof SEAMS)[number];

/** What a bucket can do that is not an answer. */
export const BUCKET_FAULTS = [
  "put fails",
  "put is done and its answer lost",
  "put finds that an earlier try has done it",
  "put is slow",
  "head fails",
  "get fails",
  "list gives one at a time",
  "list is slow",
  "delete fails",
  "delete is done and its answer lost",
] as const;
export type BucketFault = (typeof BUCKET_FAULTS)[number];

export interface FaultPlan {
  seed: number;
  /** The shard stops the `after`-th time that it comes there, until it is killed. */
  seam?: { name: Seam; after: number };
  /** Calls of the bucket that go wrong, 0 to 1, and faults that come before any is drawn. */
  bucketShare?: number;
  bucketFirst?: BucketFault[];
}

/** Begins the log line that says what happened; what follows is the name of a seam or a fault. */
export const REACHED = "fault: reached ";
export const MET = "fault: met ";

/** Slower than a flush is patient in a test, quicker than a campaign is. */
const SLOW_MS = 300;

interface FaultEnv {
  LAKE: R2Bucket;
  /** JSON of a `FaultPlan`; without it nothing goes wrong. */
  TIDEMARK_FAULTS?: string;
}

type ObjectClass = new (ctx: DurableObjectState, env: FaultEnv) => object;

/** The class of a Durable Object, with the faults that its environment asks for. */
export function withFaults(Base: ObjectClass): ObjectClass {
  return class extends Base {
    constructor(ctx: DurableObjectState, env: FaultEnv) {
      const plan = JSON.parse(env.TIDEMARK_FAULTS ?? '{"seed":0}') as FaultPlan;
      const seams = new Seams(plan.seam);
      watchStorage(ctx.storage, seams);
      super(ctx, { ...env, LAKE: faultyBucket(env.LAKE, plan, seams) });
    }
  };
}

/** Stops the runtime at one seam. */
class Seams {
  readonly #seam: FaultPlan["seam"];
  #passes = 0;

  constructor(seam: FaultPlan["seam"]) {
    this.#seam = seam;
  }

  pass(name: Seam): void {
    if (this.#seam?.name !== name || ++this.#passes < this.#seam.after) return;
    console.warn(REACHED + name);
    // Holds the thread: nothing else of this runtime goes on until it is killed.
    for (;;);
  }
}

/** Follows what a shard writes, by its SQL: the statements say which transaction it is. */
function watchStorage(storage: DurableObjectStorage, seams: Seams): void {
  const exec = storage.sql.exec.bind(storage.sql);
  const transactionSync = storage.transactionSync.bind(storage);
  const sync = storage.sync.bind(storage);
  let isInside = false;
  let records = 0;
  let pages = 0;
  let parts = 0;
  let replaced = 0;

  storage.sql.exec = ((query: string, ...bindings: unknown[]) => {
    const cursor = exec(query, ...bindings);
    const page = /^INSERT.* INTO pages /.test(query) ? bindings[0] : undefined;
    if (page === "rebuild") seams.pass("rebuild noting how far it is");
    if (page === "compaction" && !isInside) seams.pass("compaction planned");
    if (!isInside) return cursor;
    if (/^INSERT.* INTO journal /.test(query)) records++;
    if (page !== undefined && ++pages === 3) seams.pass("checkpoint between two pages");
    if (/^INSERT.* INTO parts /.test(query)) parts++;
    if (/^DELETE FROM parts /.test(query)) replaced++;
    return cursor;
  }) as typeof storage.sql.exec;

  storage.transactionSync = <Value>(run: () => Value): Value => {
    records = pages = parts = replaced = 0;
    isInside = true;
    try {
      const value = transactionSync(() => {
        const inside = run();
        if (records > 0) seams.pass("commit inside its transaction");
        if (replaced > 0) seams.pass("compacted part put and not swapped in");
        else if (parts > 0) seams.pass("parts put and not counted");
        return inside;
      });
      if (records > 0) seams.pass("commit before the disk has it");
      if (replaced > 0) seams.pass("compacted part swapped in, before the disk has it");
      else if (parts > 0) seams.pass("parts counted, before the disk has it");
      return value;
    } finally {
      isInside = false;
    }
  };

  storage.sync = async () => {
    const committed = { records, pages };
    await sync();
    if (committed.pages > 2) seams.pass("checkpoint before its receipt");
    if (committed.records > 0) seams.pass("commit before its receipt");
  };
}

function faultyBucket(bucket: R2Bucket, plan: FaultPlan, seams: Seams): R2Bucket {
  const random = seeded(plan.seed);
  const first = plan.bucketFirst ?? [];
  /** Draws once for a call, so that the faults of a kind of call share its chance. */
  const draw = (faults: readonly BucketFault[]): BucketFault | undefined => {
    let fault = first.find((name) => faults.includes(name));
    if (fault) first.splice(first.indexOf(fault), 1);
    else if (random() < (plan.bucketShare ?? 0)) fault = faults[Math.floor(random() * faults.length)];
    if (fault) console.warn(MET + fault);
    return fault;
  };
  const slow = () => new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  const broken = (): Error => new Error("We encountered an internal error. Please try again. (10001)");
  const lost = (): Error => new Error("Network connection lost.");

  const put = async (...given: unknown[]): Promise<unknown> => {
    const call = () => Reflect.apply(bucket.put, bucket, given);
    seams.pass("part before its put");
    const fault = draw(BUCKET_FAULTS.filter((name) => name.startsWith("put ")));
    if (fault === "put fails") throw broken();
    if (fault === "put is slow") await slow();
    if (fault === "put finds that an earlier try has done it") await call();
    const answer = await call();
    if (fault === "put is done and its answer lost") throw lost();
    seams.pass("part put and not looked at");
    return answer;
  };
  const head = async (key: string): Promise<unknown> => {
    if (draw(["head fails"])) throw broken();
    return bucket.head(key);
  };
  const get = async (...given: unknown[]): Promise<unknown> => {
    seams.pass("rebuild about to read a part");
    if (draw(["get fails"])) throw broken();
    return Reflect.apply(bucket.get, bucket, given);
  };
  const list = async (options: R2ListOptions = {}): Promise<unknown> => {
    const fault = draw(["list gives one at a time", "list is slow"]);
    if (fault === "list is slow") await slow();
    return bucket.list(fault === "list gives one at a time" ? { ...options, limit: 1 } : options);
  };
  const remove = async (keys: string | string[]): Promise<void> => {
    const fault = draw(["delete fails", "delete is done and its answer lost"]);
    if (fault === "delete fails") throw broken();
    await bucket.delete(keys);
    if (fault === "delete is done and its answer lost") throw lost();
  };
  const wrapped: Record<PropertyKey, unknown> = { put, head, get, list, delete: remove };
  return new Proxy(bucket, {
    get: (target, name) => {
      if (Object.hasOwn(wrapped, name)) return wrapped[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Mulberry32; this file stands alone in the runtime. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

import type { FuzzInput } from "./input.ts";

/** Tries after which the smallest input so far is good enough. */
const TRIES_MAX = 300;

/** A smaller input that still fails: fewer headers, a shorter query, a shorter body. */
export async function shrink(
  input: FuzzInput,
  fails: (input: FuzzInput) => Promise<boolean>,
): Promise<FuzzInput> {
  let smallest = input;
  let tries = 0;
  const improve = async (candidate: FuzzInput): Promise<boolean> => {
    if (tries++ >= TRIES_MAX || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  for (let at = smallest.headers.length - 1; at >= 0; at--)
    await improve({ ...smallest, headers: smallest.headers.filter((_, index) => index !== at) });
  const [path = "", query = ""] = smallest.path.split("?");
  let parts = query.split("&");
  for (let at = parts.length - 1; at >= 0; at--) {
    const fewer = parts.filter((_, index) => index !== at);
    if (await improve({ ...smallest, path: fewer.length > 0 ? `${path}?${fewer.join("&")}` : path }))
      parts = fewer;
  }
  await shrinkBody(() => smallest, improve);
  return smallest;
}

/** Takes out stretches, from halves down to single bytes. */
async function shrinkBody(
  smallest: () => FuzzInput,
  improve: (input: FuzzInput) => Promise<boolean>,
): Promise<void> {
  for (let size = (smallest().body?.length ?? 0) >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < (smallest().body?.length ?? 0); ) {
      const input = smallest();
      const body = input.body as Uint8Array;
      const { events: _, ...rest } = input;
      const shorter = new Uint8Array(Buffer.concat([body.slice(0, at), body.slice(at + size)]));
      if (!(await improve({ ...rest, body: shorter }))) at += size;
    }
  }
}

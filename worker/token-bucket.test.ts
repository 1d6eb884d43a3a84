import { describe, expect, it } from "vitest";
import { fullBucket, takeToken } from "./token-bucket.ts";

const POLICY = { name: "client", requests: 10, windowS: 5 };

/** Takes at these times, seconds from the first; whether each passed. */
function passes(...atS: number[]): boolean[] {
  const bucket = fullBucket(POLICY, 0);
  return atS.map((s) => !takeToken(bucket, POLICY, s * 1000).isOver);
}

describe("a token bucket", () => {
  it("lets a whole window's requests pass at once, and no more", () => {
    expect(passes(...Array(12).fill(0))).toEqual([...Array(10).fill(true), false, false]);
  });

  it("is filled evenly: one request each windowS / requests", () => {
    expect(passes(...Array(10).fill(0), 0.4, 0.5, 0.9, 1.0, 1.1)).toEqual([
      ...Array(10).fill(true),
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it("is never fuller than full, however long nobody came", () => {
    expect(passes(...Array(11).fill(100_000)).filter(Boolean)).toHaveLength(10);
  });

  it("says what is left, when it is full again, and when to come back", () => {
    const bucket = fullBucket(POLICY, 0);
    expect(takeToken(bucket, POLICY, 0)).toMatchObject({ remaining: 9, resetS: 1, retryAfterS: 0 });
    for (let n = 0; n < 9; n++) takeToken(bucket, POLICY, 0);
    expect(takeToken(bucket, POLICY, 0)).toMatchObject({ remaining: 0, resetS: 5, retryAfterS: 1 });
  });

  it("neither fills nor empties when the clock jumps back", () => {
    const bucket = fullBucket(POLICY, 10_000);
    for (let n = 0; n < 10; n++) takeToken(bucket, POLICY, 10_000);
    expect(takeToken(bucket, POLICY, 2_000).isOver).toBe(true);
    expect(takeToken(bucket, POLICY, 2_600).isOver).toBe(false);
  });
});

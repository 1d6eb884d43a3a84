/** So many requests in a window, as a bucket that holds them all and is filled again evenly. */
export interface RatePolicy {
  name: string;
  requests: number;
  windowS: number;
}

export interface Bucket {
  tokens: number;
  atMs: number;
}

/** What a request met, in the words of the `RateLimit` header fields. */
export interface RateState {
  policy: RatePolicy;
  isOver: boolean;
  /** Requests that would pass now. */
  remaining: number;
  /** Until the bucket is full again. */
  resetS: number;
  /** Until one more request passes; 0 when one does. */
  retryAfterS: number;
}

export function fullBucket(policy: RatePolicy, nowMs: number): Bucket {
  return { tokens: policy.requests, atMs: nowMs };
}

/** Takes one token, when there is one. A clock that jumps back fills nothing and empties nothing. */
export function takeToken(bucket: Bucket, policy: RatePolicy, nowMs: number): RateState {
  const perS = policy.requests / policy.windowS;
  const elapsedS = Math.max(0, nowMs - bucket.atMs) / 1000;
  bucket.tokens = Math.min(policy.requests, bucket.tokens + elapsedS * perS);
  bucket.atMs = nowMs;
  const isOver = bucket.tokens < 1;
  if (!isOver) bucket.tokens--;
  return {
    policy,
    isOver,
    remaining: Math.floor(bucket.tokens),
    resetS: Math.ceil((policy.requests - bucket.tokens) / perS),
    retryAfterS: isOver ? Math.ceil((1 - bucket.tokens) / perS) : 0,
  };
}

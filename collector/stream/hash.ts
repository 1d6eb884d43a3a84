/**
 * A 53-bit hash of a text, stable for ever: it stands in sketches, checkpoints and shard choices.
 * Two 32-bit multiply-xorshift lanes over UTF-16 units; not for secrets.
 *
 * @returns an integer in [0, 2^53)
 */
export function hash53(text: string, seed = 0): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return 4294967296 * (high & 0x1fffff) + (low >>> 0);
}

/** One past the largest value of hash53. */
export const HASH_RANGE: number = 2 ** 53;

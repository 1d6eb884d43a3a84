import { hash53 } from "../stream/hash.ts";

/**
 * The shard of a session, by rendezvous hashing: each shard draws a number for the session, the largest wins.
 * Growing from n to m shards moves only the sessions that one of the new shards wins, (m - n) / m of them.
 *
 * @param shards - how many there are, at least 1
 * @returns 0 .. shards - 1
 */
export function shardOf(session: string, shards: number): number {
  let winner = 0;
  let highest = -1;
  for (let shard = 0; shard < shards; shard++) {
    const draw = hash53(session, shard + 1);
    if (draw > highest) {
      highest = draw;
      winner = shard;
    }
  }
  return winner;
}

import { type Losses, mostLost } from "../event/loss.ts";
import { QUARANTINE_STREAM_PREFIX } from "../event/quarantine.ts";
import { addRanges, type Intervals } from "../stream/intervals.ts";
import type { Intake } from "./journal.ts";
import type { Shard } from "./shard.ts";
import { isNewerMap, isSameMap, ownerOf, type Place, type ShardMap } from "./shard-map.ts";

/** The caller's shard map is not in force: route again by this one. */
export interface Moved {
  moved: ShardMap;
}

/** The batch may be ours, but nobody can say what is known of its stream: come again. */
export interface Unknown {
  unknown: true;
  retryAfterMs: number;
}

export interface HandOverQuery {
  site: string;
  stream: string;
  /** Ids that the events of a batch came with, when it has no stream. */
  ids?: string[];
  /** The map under which the caller owns the stream. */
  map: ShardMap;
}

/** What a shard knows of a stream, or of ids. */
export interface StreamState {
  ranges: Intervals;
  /** Events that its page gave up, as far as they are counted. */
  losses?: Losses;
  /** Those of the ids that it knows. */
  ids?: string[];
}

export type HandOverAnswer = StreamState | Moved;

/** What former owners of a stream knew, under versions of the map before this one. */
export interface Imported extends StreamState {
  version: number;
}

export interface HandoverPorts {
  /** Number of this shard in its site. */
  shard: number;
  /** Asks another shard of the site; throws when it does not answer. */
  handOver(shard: number, query: HandOverQuery): Promise<HandOverAnswer>;
}

const UNKNOWN: Unknown = { unknown: true, retryAfterMs: 1_000 };
/** Streams that wait for their former owners at once; further ones come again later. */
const WAITING_MAX = 1_000;

/**
 * Fenced handover, see docs/decisions/0020. A shard that learns of a newer map accepts nothing any more that the
 * map gives to others. So when the new owner of a stream asks a former one, with the map, the answer is final.
 */
export class Handover {
  readonly #ports: HandoverPorts;
  readonly #shard: Shard;
  readonly #write: (map: ShardMap, site: string) => void;
  /** Of a site that never changed: it fences nobody and waits for the first batch. */
  #first: ShardMap | undefined;
  #waiting = 0;

  /** @param write - puts a map into the journal, and into the state */
  constructor(ports: HandoverPorts, shard: Shard, write: (map: ShardMap, site: string) => void) {
    this.#ports = ports;
    this.#shard = shard;
    this.#write = write;
  }

  /** To be journaled with the first batch. */
  get first(): ShardMap | undefined {
    return this.#shard.map ? undefined : this.#first;
  }

  /** Takes a map when it is newer; answers the one in force. */
  learn(map: ShardMap, site: string): ShardMap {
    const known = this.#shard.map ?? this.#first;
    if (known && !isNewerMap(map, known)) return known;
    if (map.length === 1) this.#first = map;
    else this.#write(map, site);
    return map;
  }

  /** A caller that knows no maps can only come again. */
  refusal(map: ShardMap | undefined): Moved | Unknown {
    const known = this.#shard.map ?? this.#first;
    return map && known ? { moved: known } : UNKNOWN;
  }

  /**
   * What others had accepted of a stream that is ours, undefined when nobody has to be asked.
   *
   * @param map - by which the caller routed; undefined when it knows of none
   */
  import(
    site: string,
    place: Place,
    map: ShardMap | undefined,
  ): Moved | Unknown | Promise<Imported | Moved | Unknown> | undefined {
    const known = map ? this.learn(map, site) : this.#shard.map;
    if (!known) return undefined;
    // One that is older is followed as far as it leads here too; one that contradicts ours is nowhere.
    if (map && !isSameMap(map, known) && !isNewerMap(known, map)) return this.refusal(map);
    if (known.length === 1) return undefined;
    if (ownerOf(known, place.session) !== this.#ports.shard) return this.refusal(map);
    const owners = this.#shard.formerOwners(this.#ports.shard, place);
    if (owners.length === 0) return undefined;
    return this.#waiting < WAITING_MAX ? this.#ask(site, place, owners, known, map) : UNKNOWN;
  }

  /** Whether a batch belongs here, and all that was accepted of its stream before is known; at its commit. */
  isOurs(batch: Intake): boolean {
    const { map } = this.#shard;
    if (!map || map.length === 1 || isLocal(batch)) return true;
    const { shard } = this.#ports;
    return (
      ownerOf(map, batch.session) === shard &&
      this.#shard.formerOwners(shard, batch, batch.imported?.version).length === 0
    );
  }

  async #ask(
    site: string,
    { stream, ids }: Place,
    owners: number[],
    map: ShardMap,
    callersMap: ShardMap | undefined,
  ): Promise<Imported | Moved | Unknown> {
    this.#waiting++;
    try {
      const answers = await Promise.all(
        owners.map((owner) => this.#ports.handOver(owner, { site, stream, map, ...(ids ? { ids } : {}) })),
      );
      const imported: Imported = { version: map.length, ranges: [] };
      for (const answer of answers) {
        if ("moved" in answer) {
          this.learn(answer.moved, site);
          return this.refusal(callersMap);
        }
        imported.ranges = addRanges(imported.ranges, answer.ranges);
        if (answer.ids) imported.ids = [...(imported.ids ?? []), ...answer.ids];
        if (answer.losses) imported.losses = mostLost(imported.losses ?? {}, answer.losses);
      }
      return imported;
    } catch {
      // A former owner is away. To go on would be to guess.
      return UNKNOWN;
    } finally {
      this.#waiting--;
    }
  }
}

/** Belongs to no session: counts without events, and replays, which stay with the shard that kept the event. */
export function isLocal({ count, stream }: Intake): boolean {
  return count === 0 || stream.startsWith(QUARANTINE_STREAM_PREFIX);
}

import type { Edge, EdgeAnswer } from "./edge.ts";
import type { PageRequest, PageResponse } from "./page-globals.ts";
import type { World } from "./world.ts";

const LATENCY_MS = 120;
const DELAY_MS = 45_000;
const REPLAY_MS = 60_000;
/** A request that nobody answers; browsers give up later than the SDK does. */
const GIVE_UP_MS = 300_000;

/** What is between one browser and the collector. */
export class Network {
  readonly #world: World;
  readonly #edge: Edge;
  readonly #visitor: string;
  isDown = false;

  constructor(world: World, edge: Edge, visitor: string) {
    this.#world = world;
    this.#edge = edge;
    this.#visitor = visitor;
  }

  /** @param isOpen - whether the page that asked is still there to hear the answer */
  async request(url: string, init: PageRequest | undefined, isOpen: () => boolean): Promise<PageResponse> {
    const world = this.#world;
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error("network error"));
      world.at(init?.signal?.timeoutMs ?? GIVE_UP_MS, fail);
      if (this.isDown) return void world.at(world.random.int(1, LATENCY_MS), fail);
      if (world.fault("network.drop")) {
        // Some break at once, others are silent.
        if (world.random.chance(0.5)) world.at(world.random.int(1, LATENCY_MS), fail);
        return;
      }
      const copies = world.fault("network.duplicate") ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        world.at(this.#latencyMs(), () => {
          if (world.fault("network.replay"))
            world.at(world.random.int(1, REPLAY_MS), () => void this.#arrive(url, init));
          void this.#arrive(url, init).then((answer) => {
            if (world.fault("network.ackLost")) {
              if (world.random.chance(0.5)) world.at(world.random.int(1, LATENCY_MS), fail);
              return;
            }
            world.at(this.#latencyMs(), () => {
              if (this.isDown) fail();
              else if (isOpen()) resolve(responseOf(answer));
            });
          });
        });
      }
    });
  }

  #latencyMs(): number {
    const { random } = this.#world;
    return random.int(1, this.#world.fault("network.delay") ? DELAY_MS : LATENCY_MS);
  }

  async #arrive(url: string, init: PageRequest | undefined): Promise<EdgeAnswer> {
    if (init?.method === "POST" && init.body) return this.#edge.post(init.body, this.#visitor);
    const [, stream, session] = /batches\/([^?]+)\?.*session=(.*)$/.exec(url) as unknown as [
      string,
      string,
      string,
    ];
    return this.#edge.probe(stream, session);
  }
}

function responseOf({ status, body, retryAfterS, contentType }: EdgeAnswer): PageResponse {
  const headers: Record<string, string | undefined> = {
    "retry-after": retryAfterS?.toString(),
    "content-type": contentType,
  };
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => headers[name] ?? null },
    json: async () => {
      if (body === undefined) throw new SyntaxError("no JSON");
      return body;
    },
  };
}

import { streamId } from "../../collector/event/batch.ts";
import type { Host } from "../../scripts/host/host.ts";
import { Client } from "../ingest/client.ts";
import type { ShopClick } from "./clicks.ts";
import type { ListServer } from "./list-server.ts";

/** The built worker on workerd, asked as a page asks: a stream for each session, receipts, public routes. */
export class TidemarkClient implements ListServer {
  readonly name = "tidemark";
  readonly #host: Host;
  readonly #client: Client;
  readonly #streams = new Map<string, { id: string; seq: number }>();

  constructor(host: Host, connections: number) {
    this.#host = host;
    this.#client = new Client(host.url, connections);
  }

  get pid(): number {
    return this.#host.runtimePid;
  }

  async click(clicks: readonly ShopClick[]): Promise<void> {
    const { session } = clicks[0] as ShopClick;
    const nowMs = Date.now();
    const stream = this.#streams.get(session) ?? {
      id: streamId(nowMs, `bench${this.#streams.size}`.padEnd(16, "0")),
      seq: 0,
    };
    this.#streams.set(session, stream);
    const seq = stream.seq;
    stream.seq += clicks.length;
    const receipt = await this.#client.send({
      session,
      stream: stream.id,
      seq,
      sentAtMs: nowMs,
      events: clicks.map(({ item }) => ({
        name: "view_item",
        occurredAtMs: nowMs,
        items: [{ itemId: item, itemName: `Product ${item}`, itemUrl: `/products/${item}` }],
      })),
    });
    if (receipt.accepted !== clicks.length) throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  }

  async list(session: string): Promise<string[]> {
    const { items } = await this.#client.recommendations(session);
    return items.map(({ id }) => id);
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}

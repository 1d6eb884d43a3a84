import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import type { ShopClick } from "./clicks.ts";
import type { ListServer } from "./list-server.ts";

/** Starts the plain VMIS-kNN server and speaks to it. */
export async function startKnn(connections: number): Promise<ListServer> {
  const child = fork(fileURLToPath(new URL("knn-server.ts", import.meta.url)));
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return new KnnClient(child, port, connections);
}

class KnnClient implements ListServer {
  readonly name = "vmis-knn";
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #agent: Agent;

  constructor(child: ChildProcess, port: number, connections: number) {
    this.#child = child;
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async click(clicks: readonly ShopClick[]): Promise<void> {
    await this.#ask("POST", "/clicks", JSON.stringify(clicks));
  }

  async list(session: string): Promise<string[]> {
    const text = await this.#ask("GET", `/lists?session=${session}`);
    return (JSON.parse(text) as { items: { id: string }[] }).items.map(({ id }) => id);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #ask(method: string, path: string, body?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.#port, method, path, agent: this.#agent };
      const sent = request(options, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("error", reject);
        answer.on("end", () => resolve(text));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

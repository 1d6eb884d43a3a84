import { Agent, request } from "node:http";
import type { BatchBody, Receipt } from "../../collector/event/batch.ts";
import type { OverviewReport } from "../../collector/event/report.ts";

const WRITE_KEY = "wk_demo";
const READ_KEY = "rk_demo";
const ADMIN_KEY = "sk_demo";
/** An answer that takes longer ends the measurement. */
const TIMEOUT_MS = 30_000;

/** The public API over connections that stay open, with as little work on this side as possible. */
export class Client {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send(batch: BatchBody): Promise<Receipt> {
    return this.#json("POST", `/v1/batches?key=${WRITE_KEY}`, undefined, JSON.stringify(batch));
  }

  overview(fromMs: number): Promise<OverviewReport> {
    return this.#json("GET", `/v1/reports/overview?from=${fromMs}`, READ_KEY);
  }

  recommendations(session: string): Promise<{ items: { id: string }[] }> {
    return this.#json("GET", `/v1/recommendations?key=${WRITE_KEY}&session=${session}&limit=20`);
  }

  flush(): Promise<{ parts: number; rows: number }> {
    return this.#json("POST", "/v1/lake/flush", ADMIN_KEY);
  }

  close(): void {
    this.#agent.destroy();
  }

  #json<Answer>(method: string, path: string, key?: string, body?: string): Promise<Answer> {
    const headers: Record<string, string> = { "user-agent": "tidemark-bench" };
    if (key !== undefined) headers.authorization = `Bearer ${key}`;
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = String(Buffer.byteLength(body));
    }
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#url}${path}`,
        { method, headers, agent: this.#agent, timeout: TIMEOUT_MS },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            if (answer.statusCode === 200) resolve(JSON.parse(text));
            else reject(new Error(`${answer.statusCode} for ${method} ${path}: ${text.slice(0, 500)}`));
          });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS} ms: ${method} ${path}`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchBody, Receipt } from "../../collector/event/batch.ts";
import type { LakeManifest } from "../../collector/event/lake.ts";
import type {
  FunnelReport,
  OverviewReport,
  SalesReport,
  TopProductsReport,
  TrafficReport,
} from "../../collector/event/report.ts";
import { freePort } from "../../scripts/host/free-port.ts";
import { type Host, startHost } from "../../scripts/host/host.ts";
import { sendSignal } from "../../scripts/host/process.ts";

const WRITE_KEY = "wk_demo";
const READ_KEY = "rk_demo";
const ADMIN_KEY = "sk_demo";

interface Reports {
  overview: OverviewReport;
  traffic: TrafficReport;
  sales: SalesReport;
  "top-products": TopProductsReport;
  funnel: FunnelReport;
}

/**
 * The whole system on a port and data of its own, as `npm start` runs it. Needs `npm run build` before.
 *
 * @example
 * await using system = await System.start();
 * await system.send({ session: "s", stream: "s.1", seq: 0, events: [{ name: "page_view", occurredAtMs }] });
 * await system.kill();
 * await system.restart();
 */
export class System implements AsyncDisposable {
  readonly dataDir: string = mkdtempSync(join(tmpdir(), "tidemark-system-"));
  /** What the worker logged, warnings and errors; shown when a test has failed. */
  readonly complaints: string[] = [];
  readonly #vars: Record<string, string>;
  #port = 0;
  #host: Host | undefined;

  private constructor(vars: Record<string, string>) {
    this.#vars = vars;
  }

  static async start(vars: Record<string, string> = {}): Promise<System> {
    const system = new System(vars);
    system.#port = await freePort();
    await system.restart();
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error("The system does not run; call restart first.");
    return this.#host;
  }

  /** Starts again on the same port and data, after stop or one of the kills. */
  async restart(): Promise<void> {
    this.#host = await startHost({
      port: this.#port,
      dataDir: this.dataDir,
      vars: this.#vars,
      log: (level, text) => void (level === "info" || this.complaints.push(`${level} ${text}`)),
    });
  }

  async stop(): Promise<void> {
    await this.host.stop();
    this.#host = undefined;
  }

  /** kill -9 of the process group: the host and workerd. */
  async kill(): Promise<void> {
    await this.host.kill();
    this.#host = undefined;
  }

  /** kill -9 of workerd alone; the host notices and ends. Resolves to what it says. */
  async killRuntime(): Promise<string> {
    const { ended, runtimePid } = this.host;
    sendSignal(runtimePid, "SIGKILL");
    const why = await ended;
    this.#host = undefined;
    return why?.message ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host?.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async send(batch: Omit<BatchBody, "key">): Promise<Receipt> {
    return this.json(`/v1/batches?key=${WRITE_KEY}`, { method: "POST", body: JSON.stringify(batch) });
  }

  async report<Name extends keyof Reports>(name: Name, query = ""): Promise<Reports[Name]> {
    return this.json(`/v1/reports/${name}${query}`, bearer(READ_KEY));
  }

  async lake(query = ""): Promise<LakeManifest> {
    return this.json(`/v1/lake${query}`, bearer(READ_KEY));
  }

  /** The bytes of a part of the lake. */
  async part(key: string): Promise<Uint8Array> {
    const response = await fetch(`${this.url}/v1/lake/${key}`, bearer(READ_KEY));
    if (!response.ok) throw new Error(`${response.status} for the part ${key}: ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Brings everything acknowledged into the lake. */
  async flush(): Promise<{ parts: number; rows: number }> {
    return this.json("/v1/lake/flush", { ...bearer(ADMIN_KEY), method: "POST" });
  }

  /** The answer as JSON; throws with the whole answer when it is not a 2xx. */
  async json<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${response.status} for ${path}: ${text}\n${this.complaints.join("\n")}`);
    return JSON.parse(text);
  }
}

function bearer(key: string): RequestInit {
  return { headers: { authorization: `Bearer ${key}` } };
}

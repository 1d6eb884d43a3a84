import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import type { LedgerAnswer, LedgerLine } from "../../collector/event/ledger.ts";
import { OCCURRED_AHEAD_MAX_MS, OCCURRED_AT_MIN_MS } from "../../collector/event/limits.ts";
import { Trouble } from "../host/trouble.ts";

const TIMEOUT_MS = 120_000;
/** Pages of one manifest; more is a server that goes in a circle. */
const MANIFEST_PAGES_MAX = 10_000;

/** Ms since epoch; undefined = as far as there is data. */
export interface Range {
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

export type Cut = LakeManifest["cut"];

/** The public API, as verify uses it. */
export class Api {
  readonly #origin: string;
  readonly #readKey: string;
  readonly #adminKey: string | undefined;

  constructor(origin: string, readKey: string, adminKey: string | undefined) {
    this.#origin = origin;
    this.#readKey = readKey;
    this.#adminKey = adminKey;
  }

  get canFlush(): boolean {
    return this.#adminKey !== undefined;
  }

  async flush(): Promise<void> {
    await this.#ask("/v1/lake/flush", { method: "POST" }, this.#adminKey ?? this.#readKey);
  }

  report<Answer>(name: string, query: Record<string, string | number | undefined>): Promise<Answer> {
    return this.#json(`/v1/reports/${name}`, query);
  }

  ledger(range: Range): Promise<LedgerAnswer> {
    return this.#json("/v1/ledger", bounds(range));
  }

  /** All rows of a range of receipt, page by page. */
  async ledgerRows({ fromMs, toMs }: Range): Promise<LedgerLine[]> {
    const rows: LedgerLine[] = [];
    let from: string | number | undefined = fromMs;
    for (let pages = 0; pages < MANIFEST_PAGES_MAX; pages++) {
      const page: LedgerAnswer = await this.#json("/v1/ledger", { from, to: toMs });
      rows.push(...page.rows);
      if (page.nextFrom === undefined) return rows;
      from = page.nextFrom;
    }
    throw new Trouble("The ledger has no end.");
  }

  /** Up to where the lake is; asked for a time that no event can be of, it comes without parts. */
  async cut(): Promise<Cut> {
    return (await this.#json<LakeManifest>("/v1/lake", { from: 0, to: OCCURRED_AT_MIN_MS })).cut;
  }

  /** All parts of a range, page by page. */
  async parts({ fromMs, toMs = Date.now() + OCCURRED_AHEAD_MAX_MS }: Range): Promise<LakePart[]> {
    const parts: LakePart[] = [];
    let from: string | number | undefined = fromMs;
    for (let pages = 0; pages < MANIFEST_PAGES_MAX; pages++) {
      const page: LakeManifest = await this.#json("/v1/lake", { from, to: toMs });
      parts.push(...page.parts);
      if (page.nextFrom === undefined) return parts;
      from = page.nextFrom;
    }
    throw new Trouble("The manifest of the lake has no end.");
  }

  /** The bytes of a part; undefined when the lake no longer has it. */
  async part(key: string): Promise<Uint8Array | undefined> {
    const response = await this.#ask(`/v1/lake/${key}`, {}, this.#readKey, [404]);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return response.ok ? bytes : undefined;
  }

  async #json<Answer>(path: string, query: Record<string, string | number | undefined>): Promise<Answer> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) search.set(name, String(value));
    return (await (await this.#ask(`${path}?${search}`, {}, this.#readKey)).json()) as Answer;
  }

  async #ask(path: string, init: RequestInit, key: string, expected: number[] = []): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.#origin}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new Trouble(
        `${this.#origin} does not answer: ${String((error as Error).cause ?? error)}`,
        "Start it with npm start, or say where it is: --url URL",
      );
    }
    if (response.ok || expected.includes(response.status)) return response;
    const advice = response.status === 401 || response.status === 403 ? ["Give its key: --key rk_…"] : [];
    throw new Trouble(`${response.status} for ${path}: ${(await response.text()).slice(0, 500)}`, ...advice);
  }
}

function bounds({ fromMs, toMs }: Range): Record<string, number | undefined> {
  return { from: fromMs, to: toMs };
}

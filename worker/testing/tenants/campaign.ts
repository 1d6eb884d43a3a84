import { KEY_ROLES, type KeyRole } from "../../access.ts";
import type { Env } from "../../env.ts";
import { bearer, send } from "../client.ts";
import { deployed, keyOf, siteConfig } from "../deploy.ts";
import { canaryOf, tenantsIn, tenantsInBytes } from "./canary.ts";
import { Random } from "./random.ts";

const SHARDS_MAX = 2;
const REPORTS = ["overview", "traffic", "sales", "top-products", "funnel", "searches"];
/** How often a tenant asks with an id of another one. */
const STRANGE_ONE_IN = 4;
/** One site of so many also calls every route with all of another one's ids. */
const SWEEP_EVERY = 10;
/** How often a site asks with a key of any role. */
const ANY_ROLE_ONE_IN = 5;

interface Operation {
  method: string;
  path: string;
  /** As the document says; a key of another role is refused before anything can be seen. */
  roles: KeyRole[];
}

export interface Finding {
  /** What was done, by whom, and whose canary was seen. */
  operation: string;
  tenant: number;
  seen: number;
}

/**
 * Many sites in one deploy, each with words of its own in all that it sends, and random calls of every route with
 * every kind of key: one's own ids, and ids of others. No answer may hold the word of another site.
 */
export class Campaign {
  readonly bindings: Partial<Env>;
  readonly findings: Finding[] = [];
  /** Answers that held the asking site's own word, by operation: where this is 0, the search may be blind. */
  readonly ownSeen = new Map<string, number>();
  /** All that was answered beside bodies, to be searched for secrets. */
  readonly answers: string[] = [];
  operations = 0;
  readonly #tenants: number;
  readonly #random: Random;
  readonly #run: string;
  #routes: Operation[] = [];
  readonly #parts = new Map<number, string>();
  #streams = 0;

  constructor(tenants: number, seed: number) {
    this.#tenants = tenants;
    this.#random = new Random(seed);
    this.#run = `${seed}-${Date.now()}`;
    const sites = Array.from({ length: tenants }, (_, tenant) =>
      siteConfig({ id: this.siteOf(tenant), shards: this.shardsOf(tenant) }),
    );
    this.bindings = deployed(...sites);
  }

  siteOf(tenant: number): string {
    return `tenant-${tenant}-${this.#run}`;
  }

  shardsOf(tenant: number): number {
    return 1 + (tenant % SHARDS_MAX);
  }

  /** Every site sends once, so that each has something to hide; then come random operations. */
  async run(operations: number): Promise<void> {
    const document = (await (await send("/openapi.json")).json()) as {
      paths: Record<string, Record<string, { "x-tidemark-roles": string[] }>>;
    };
    this.#routes = Object.entries(document.paths)
      .filter(([path]) => path.startsWith("/v1/"))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          path,
          roles: KEY_ROLES.filter((role) => operation["x-tidemark-roles"].includes(role)),
        })),
      );
    for (let tenant = 0; tenant < this.#tenants; tenant++) await this.#sendBatch(tenant);
    for (let tenant = 0; tenant < this.#tenants; tenant += SWEEP_EVERY) await this.#writeCatalog(tenant);
    while (this.operations < operations) {
      const tenant = this.#random.below(this.#tenants);
      if (this.#random.below(3) === 0) await this.#sendBatch(tenant);
      else if (this.#random.below(8) === 0) await this.#writeCatalog(tenant);
      else {
        const isStrange = this.#random.below(STRANGE_ONE_IN) === 0;
        const about = isStrange ? this.#random.below(this.#tenants) : tenant;
        await this.#call(tenant, this.#random.pick(this.#routes), about);
      }
    }
    for (let tenant = 0; tenant < this.#tenants; tenant += SWEEP_EVERY) await this.#sweep(tenant, tenant + 1);
  }

  /** One site calls every route with all of its keys and with ids of another one, whose part of the lake is there. */
  async #sweep(tenant: number, about: number): Promise<void> {
    const whose = this.siteOf(about);
    await send("/v1/lake/flush", { method: "POST", ...bearer(keyOf(whose, "admin")) }, this.bindings);
    await this.#ask(about, "GET /v1/lake", "/v1/lake", bearer(keyOf(whose, "read")));
    for (const route of this.#routes)
      for (const role of route.roles) await this.#call(tenant, { ...route, roles: [role] }, about);
  }

  async #sendBatch(tenant: number): Promise<void> {
    const id = canaryOf(tenant, "id");
    const word = canaryOf(tenant, "in");
    const at = Date.now() - this.#random.below(3) * 3_600_000;
    const item = { itemId: `${id}-item-${this.#random.below(5)}`, itemName: `${word} lamp`, price: 12.5 };
    const event = (name: string, more: object = {}) => ({
      name,
      occurredAtMs: at,
      url: `https://${word}.example/${word}?q=${word}`,
      title: `${word} shop`,
      currency: "EUR",
      items: [item],
      props: { [word]: word },
      ...more,
    });
    const events = [
      event("view_item", { pageView: true }),
      event("search", { searchTerm: `${word} lamp` }),
      event("purchase", { transactionId: `${id}-order-${this.#streams}` }),
      event(word),
      event("view_item", { currency: word.slice(0, 3).toUpperCase() }),
    ];
    const body = JSON.stringify({
      key: keyOf(this.siteOf(tenant), "write"),
      session: this.#sessionOf(tenant),
      stream: `${id}-stream-${this.#streams++}`,
      seq: 0,
      visitor: `${id}-visitor`,
      user: `${id}-user`,
      source: id,
      events,
    });
    await this.#ask(tenant, "POST /v1/batches", "/v1/batches", { method: "POST", body });
  }

  /** The shop's own word on its items, some of them hidden. */
  async #writeCatalog(tenant: number): Promise<void> {
    const [id, word] = [canaryOf(tenant, "id"), canaryOf(tenant, "in")];
    const items = Array.from({ length: 3 }, () => ({
      id: `${id}-item-${this.#random.below(5)}`,
      name: `${word} of the shop`,
      category: word,
      hidden: this.#random.below(4) === 0,
    }));
    const init = { ...bearer(keyOf(this.siteOf(tenant), "connector")), method: "POST" };
    await this.#ask(tenant, "POST /v1/catalog", "/v1/catalog", { ...init, body: JSON.stringify({ items }) });
    const rules = { placements: { [word]: { exclude: [{ tag: [word] }] } } };
    await this.#ask(tenant, "PUT /v1/rules", "/v1/rules", {
      ...bearer(keyOf(this.siteOf(tenant), "admin")),
      ...{ method: "PUT", body: JSON.stringify(rules) },
    });
  }

  async #call(tenant: number, { method, path, roles }: Operation, about: number): Promise<void> {
    const id = canaryOf(about, "id");
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.#parameter(name, about));
    const query = new URLSearchParams({
      session: this.#sessionOf(about),
      item: `${id}-item-0`,
      visitor: `${id}-visitor`,
      source: id,
    });
    const isAny = roles.length === 0 || (roles.length > 1 && this.#random.below(ANY_ROLE_ONE_IN) === 0);
    const role = this.#random.pick(isAny ? KEY_ROLES : roles);
    const init = bearer(keyOf(this.siteOf(tenant), role));
    const body = JSON.stringify({
      session: this.#sessionOf(about),
      visitor: `${id}-visitor`,
      reason: id,
    });
    const isRead = method === "GET";
    const url = isRead ? `${filled}?${await this.#queryOf(path, about, query)}` : filled;
    await this.#ask(tenant, `${method} ${path}`, url, { ...init, method, ...(isRead ? {} : { body }) });
  }

  /** A WebSocket opens with a ticket; a ticket is its site's, so it is asked for here and now. */
  async #queryOf(path: string, about: number, query: URLSearchParams): Promise<string> {
    if (path !== "/v1/live") return path.includes("{name}") ? "" : query.toString();
    const answer = await send(
      "/v1/tickets",
      { method: "POST", ...bearer(keyOf(this.siteOf(about), "read")) },
      this.bindings,
    );
    const { ticket } = (await answer.json()) as { ticket: string };
    return `ticket=${ticket}`;
  }

  #parameter(name: string, about: number): string {
    if (name === "name") return this.#random.pick(REPORTS);
    if (name === "part") return this.#parts.get(about) ?? "none";
    return `${canaryOf(about, "id")}-${name}-${this.#random.below(this.#streams)}`;
  }

  #sessionOf(tenant: number): string {
    return `${canaryOf(tenant, "id")}-session-${this.#random.below(4)}`;
  }

  /** Asks, and notes every word in the answer that is neither the asker's nor an id of the question. */
  async #ask(tenant: number, operation: string, url: string, init: RequestInit): Promise<void> {
    this.operations++;
    const upgrade = url.startsWith("/v1/live") ? { headers: { upgrade: "websocket" } } : {};
    const answer = await send(url, { ...init, ...upgrade }, this.bindings);
    const bytes = await bytesOf(answer);
    const text = new TextDecoder("latin1").decode(bytes);
    this.answers.push(`${operation} ${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
    this.#notePart(text);
    const asked = tenantsIn(`${url} ${String(init.body ?? "")}`);
    const inside = tenantsInBytes(bytes, ["in"]);
    if (inside.has(tenant)) this.ownSeen.set(operation, (this.ownSeen.get(operation) ?? 0) + 1);
    for (const seen of tenantsInBytes(bytes)) {
      const isEcho = asked.has(seen) && !inside.has(seen);
      if (seen !== tenant && !isEcho && !isTicketOf(url, this.siteOf(seen)))
        this.findings.push({ operation, tenant, seen });
    }
  }

  #notePart(text: string): void {
    for (const [, part = "", tenant] of text.matchAll(/"key":"(site=tenant-(\d+)-[^"]+)"/g))
      this.#parts.set(Number(tenant), part);
  }
}

/** Whoever holds a ticket sees its site, so there the ticket says who asks. */
function isTicketOf(url: string, site: string): boolean {
  return url.startsWith(`/v1/live?ticket=${site}.`);
}

/** The body, or the first message of a WebSocket. */
async function bytesOf(answer: Response): Promise<Uint8Array> {
  const socket = answer.webSocket;
  if (!socket) return new Uint8Array(await answer.arrayBuffer());
  const message = new Promise<string>((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
  });
  socket.accept();
  const text = await message;
  socket.close();
  return new TextEncoder().encode(text);
}

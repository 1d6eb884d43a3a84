import { describe, expect, it } from "vitest";
import type { QuarantineAnswer, QuarantineEntry } from "../../collector/event/quarantine.ts";
import { shardOf } from "../../collector/ingest/partition.ts";
import type { KeyRole } from "../access.ts";
import { bearer, event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";
import { formatCursor, parseCursor } from "./quarantine-cursor.ts";

let made = 0;

function freshSite() {
  const id = `quarantine-${made++}-${Date.now()}`;
  const bindings = deployed(siteConfig({ id, shards: 2 }));
  const ask = (query: string, role: KeyRole = "admin") =>
    send(`/v1/quarantine${query}`, bearer(keyOf(id, role)), bindings);
  return {
    ask,
    page: async (query: string) => (await (await ask(query)).json()) as QuarantineAnswer,
    post: async (session: string, events: unknown[], more: Record<string, unknown> = {}) => {
      const body = JSON.stringify({
        key: keyOf(id, "write"),
        session,
        stream: `${session}.1`,
        seq: 0,
        events,
        ...more,
      });
      expect((await send("/v1/batches", { method: "POST", body }, bindings)).status).toBe(200);
    },
  };
}

const bad = (n: number) => event({ occurredAtMs: 12, title: `number ${n}` });
const unpriced = () => event({ name: "view_item", items: [{ itemId: "lamp", price: 5 }] });
const placeOf = ({ stream, seq }: QuarantineEntry) => `${stream}/${seq}`;

/** Follows `next` to the end. */
async function readAll(site: ReturnType<typeof freshSite>, query: string): Promise<QuarantineEntry[]> {
  const rows: QuarantineEntry[] = [];
  let next: string | undefined = "";
  for (let pages = 0; next !== undefined; pages++) {
    expect(pages).toBeLessThan(100);
    const answer: QuarantineAnswer = await site.page(`${query}${next && `&before=${next}`}`);
    rows.push(...answer.rows);
    next = answer.next;
  }
  return rows;
}

describe("GET /v1/quarantine", () => {
  it("gives each rejected event with code, pointer and masked payload", async () => {
    const site = freshSite();
    const beforeMs = Date.now();
    await site.post("s1", [event(), event({ occurredAtMs: 12, title: "from jane@example.org" })]);
    const { rows, next } = await site.page("");
    expect(next).toBeUndefined();
    expect(rows).toEqual([
      {
        shard: shardOf("s1", 2),
        receivedAtMs: expect.any(Number),
        source: "web",
        session: "s1",
        stream: "s1.1",
        seq: 1,
        code: "occurred_at_too_old",
        pointer: "/events/1/occurredAtMs",
        payload: expect.stringContaining("[masked]"),
      },
    ]);
    expect(rows[0]?.receivedAtMs).toBeGreaterThanOrEqual(beforeMs);
    expect(JSON.stringify(rows)).not.toContain("jane");
  });

  it.each([1, 2, 3, 7, 200])("pages of %i lose and repeat nothing, over two shards", async (limit) => {
    const site = freshSite();
    const sent: string[] = [];
    for (let n = 0; n < 8; n++) {
      await site.post(
        `s${n}`,
        Array.from({ length: 1 + (n % 4) }, (_, at) => bad(at)),
      );
      for (let seq = 0; seq <= n % 4; seq++) sent.push(`s${n}.1/${seq}`);
    }
    const rows = await readAll(site, `?limit=${limit}`);
    expect(new Set(rows.map(({ shard }) => shard)).size).toBe(2);
    expect(rows.map(placeOf).sort()).toEqual(sent.sort());
    const times = rows.map(({ receivedAtMs }) => receivedAtMs);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it("a page does not shift when more is rejected meanwhile", async () => {
    const site = freshSite();
    await site.post("s1", [bad(0), bad(1), bad(2)]);
    const first = await site.page("?limit=2");
    await site.post("s2", [bad(3)]);
    await site.post("s5", [bad(4)]);
    const second = await site.page(`?limit=9&before=${first.next}`);
    expect([...first.rows, ...second.rows].map(placeOf).filter((place) => place.startsWith("s1"))).toEqual([
      "s1.1/2",
      "s1.1/1",
      "s1.1/0",
    ]);
  });

  it("filters by code and source", async () => {
    const site = freshSite();
    await site.post("s1", [bad(0), unpriced(), bad(1)]);
    await site.post("s2", [unpriced()], { source: "till" });
    const of = async (query: string) => (await readAll(site, `?limit=1${query}`)).map(placeOf);
    expect(await of("&code=currency_missing")).toEqual(["s2.1/0", "s1.1/1"]);
    expect(await of("&source=till")).toEqual(["s2.1/0"]);
    expect(await of("&source=till&code=occurred_at_too_old")).toEqual([]);
  });

  it("keeps a flood of large rejects, as many rows as they need", async () => {
    const site = freshSite();
    const large = (n: number) => event({ occurredAtMs: 12, title: `${n} ${"火".repeat(450)}` });
    await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        site.post(
          `s${n}`,
          Array.from({ length: 300 }, (__, at) => large(at)),
        ),
      ),
    );
    const rows = await readAll(site, "?limit=200");
    expect(new Set(rows.map(placeOf)).size).toBe(1800);
    expect(rows).toHaveLength(1800);
  });

  it.each(["?limit=0", "?limit=201", "?before=x", "?before=5-", "?code=a%20b", "?source=A"])(
    "refuses %s",
    async (query) => {
      expect(await problemOf(await freshSite().ask(query))).toEqual([400, "query_invalid"]);
    },
  );

  it("is for the admin key alone", async () => {
    const site = freshSite();
    expect(await problemOf(await send("/v1/quarantine"))).toEqual([401, "key_missing"]);
    for (const role of ["write", "read"] as const)
      expect(await problemOf(await site.ask("", role))).toEqual([403, "key_forbidden"]);
  });
});

it("a cursor comes back as it was", () => {
  const cursor = [{ id: 12, index: 3 }, undefined, { id: 0, index: 0 }];
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  for (const text of ["", "1", "-1-2", "1-2.", "1-2;3-4"]) expect(parseCursor(text)).toBeUndefined();
});

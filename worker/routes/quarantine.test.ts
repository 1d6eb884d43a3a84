import { describe, expect, it } from "vitest";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type {
  DropOutcome,
  QuarantineAnswer,
  QuarantineEntry,
  ReplayOutcome,
} from "../../collector/event/quarantine.ts";
import type { OverviewReport } from "../../collector/event/report.ts";
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
  const command = (name: string, body: unknown, role: KeyRole = "admin") =>
    send(
      `/v1/quarantine/${name}`,
      { ...bearer(keyOf(id, role)), method: "POST", body: JSON.stringify(body) },
      bindings,
    );
  const results = async (answer: Response) => ((await answer.json()) as { results: unknown[] }).results;
  return {
    ask,
    command,
    replay: async (body: object) => (await results(await command("replay", body))) as ReplayOutcome[],
    drop: async (body: object) => (await results(await command("drop", body))) as DropOutcome[],
    read: async <Answer>(path: string): Promise<Answer> =>
      (await send(path, bearer(keyOf(id, "read")), bindings)).json(),
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
        id: expect.stringMatching(new RegExp(`^${shardOf("s1", 2)}-\\d+-0$`)),
        state: "open",
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

  it("filters by session, state and time of receipt", async () => {
    const site = freshSite();
    await site.post("s1", [bad(0), bad(1)]);
    await site.post("s2", [bad(2)]);
    const { rows, open } = await site.page("");
    expect(open).toBe(3);
    const { id, receivedAtMs } = rows[0] as QuarantineEntry;
    expect(id).toMatch(/-0$/);
    await site.drop({ ids: [id], reason: "test" });
    const of = async (query: string) => (await readAll(site, `?limit=1${query}`)).map(placeOf).sort();
    expect(await of("&session=s1")).toEqual(["s1.1/0", "s1.1/1"]);
    expect(await of("&state=dropped")).toEqual(["s2.1/0"]);
    expect(await of("&state=open")).toEqual(["s1.1/0", "s1.1/1"]);
    expect(await of("&state=replayed")).toEqual([]);
    expect(await of(`&from=${receivedAtMs}`)).toContain("s2.1/0");
    expect(await of(`&to=${receivedAtMs}`)).not.toContain("s2.1/0");
    expect(await of(`&from=${new Date(receivedAtMs + 1000).toISOString()}`)).toEqual([]);
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

  it.each([
    "?limit=0",
    "?limit=201",
    "?before=x",
    "?before=5-",
    "?code=a%20b",
    "?source=A",
    "?state=gone",
    "?from=soon",
    "?to=2",
  ])("refuses %s", async (query) => {
    expect(await problemOf(await freshSite().ask(query))).toEqual([400, "query_invalid"]);
  });

  it("is for the admin key alone", async () => {
    const site = freshSite();
    expect(await problemOf(await send("/v1/quarantine"))).toEqual([401, "key_missing"]);
    for (const role of ["write", "read"] as const)
      expect(await problemOf(await site.ask("", role))).toEqual([403, "key_forbidden"]);
  });
});

describe("POST /v1/quarantine/replay", () => {
  const order = (n: number, value: unknown) =>
    event({ name: "purchase", transactionId: `o${n}`, currency: "EUR", value });

  it("counts an event once after it was edited, and the ledger stays balanced", async () => {
    const site = freshSite();
    await site.post("s1", [order(1, 10), order(2, "twelve"), order(3, "a lot")]);
    const [third, second] = (await site.page("")).rows as [QuarantineEntry, QuarantineEntry];
    const edits = { [second.id]: { patch: { value: 12.9 } } };
    const ids = [third.id, second.id, "0-999-0", "1-1-99"];
    expect(await site.replay({ ids, edits })).toEqual([
      { id: third.id, outcome: "rejected", code: "money_invalid", pointer: "/value" },
      { id: second.id, outcome: "replayed", receipt: expect.stringMatching(/^\d+-\d+$/) },
      { id: "0-999-0", outcome: "unknown" },
      { id: "1-1-99", outcome: "unknown" },
    ]);
    const whole = { [second.id]: { event: order(9, 99) } };
    expect(await site.replay({ ids: [second.id], edits: whole })).toEqual([
      { id: second.id, outcome: "duplicate" },
    ]);
    const ledger = await site.read<LedgerAnswer>("/v1/ledger");
    expect(ledger.balanced).toBe(true);
    const counts = ledger.rows.map(({ source, received, accepted, quarantined }) => [
      source,
      received,
      accepted,
      quarantined,
    ]);
    expect(counts.sort()).toEqual([
      ["quarantine", 1, 1, 0],
      ["web", 3, 1, 2],
    ]);
    const { totals } = await site.read<OverviewReport>("/v1/reports/overview");
    expect(totals.gmv).toMatchObject([{ currency: "EUR", valueMinor: 2290, orders: 2 }]);
    expect((await site.page("?state=replayed")).rows).toMatchObject([
      {
        id: second.id,
        edited: true,
        closedAtMs: expect.any(Number),
        payload: expect.stringContaining("twelve"),
      },
    ]);
  });

  it("counts once what many ask for at the same moment", async () => {
    const site = freshSite();
    await site.post("s1", [order(1, "twelve")]);
    const [row] = (await site.page("")).rows as [QuarantineEntry];
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        site.replay({ ids: [row.id, row.id], edits: { [row.id]: { patch: { value: n + 1 } } } }),
      ),
    );
    const outcomes = answers.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "replayed")).toHaveLength(2);
    expect(outcomes.filter((outcome) => outcome === "duplicate")).toHaveLength(14);
    const { totals } = await site.read<OverviewReport>("/v1/reports/overview");
    expect(totals.orders).toBe(1);
  });

  it("switches corrections for one call", async () => {
    const site = freshSite();
    await site.post("s1", [order(1, "1,290"), order(2, "x")]);
    const rows = (await site.page("")).rows;
    const [, first] = rows as [QuarantineEntry, QuarantineEntry];
    const edits = { [first.id]: { patch: { value: "12,90" } } };
    expect(await site.replay({ ids: [first.id], edits, fixes: { decimalComma: false } })).toMatchObject([
      { outcome: "rejected", code: "money_invalid" },
    ]);
    expect(await site.replay({ ids: [first.id], edits })).toMatchObject([{ outcome: "replayed" }]);
  });

  it.each([
    ["no ids", {}, "/ids"],
    ["an id of another form", { ids: ["x"] }, "/ids/0"],
    ["201 ids", { ids: Array(201).fill("0-1-0") }, "/ids"],
    [
      "an edit of an id that is not replayed",
      { ids: ["0-1-0"], edits: { "0-1-1": { patch: {} } } },
      "/edits/0-1-1",
    ],
    ["an edit that says neither", { ids: ["0-1-0"], edits: { "0-1-0": { value: 5 } } }, "/edits/0-1-0"],
    ["a rule that does not exist", { ids: ["0-1-0"], fixes: { magic: true } }, "/fixes"],
    ["a field that does not exist", { ids: ["0-1-0"], edit: {} }, ""],
  ])("refuses %s", async (_, body, pointer) => {
    const answer = await freshSite().command("replay", body);
    const { errors } = (await answer.clone().json()) as { errors: { pointer: string; code: string }[] };
    expect(await problemOf(answer)).toEqual([400, "body_invalid"]);
    expect(errors[0]).toEqual({ pointer, code: "body_invalid" });
  });

  it("is for the admin key alone, as dropping is", async () => {
    const site = freshSite();
    for (const name of ["replay", "drop"])
      for (const role of ["write", "read", "connector"] as const)
        expect(await problemOf(await site.command(name, { ids: ["0-1-0"], reason: "x" }, role))).toEqual([
          403,
          "key_forbidden",
        ]);
  });
});

describe("POST /v1/quarantine/drop", () => {
  it("gives events up with a masked reason, and never what was replayed", async () => {
    const site = freshSite();
    await site.post("s1", [bad(0), bad(1)]);
    const [second, first] = (await site.page("")).rows as [QuarantineEntry, QuarantineEntry];
    const edits = { [first.id]: { patch: { occurredAtMs: Date.now() } } };
    await site.replay({ ids: [first.id], edits });
    const ids = [first.id, second.id, "0-999-0"];
    expect(await site.drop({ ids, reason: "test of jane@shop.example" })).toEqual([
      { id: first.id, outcome: "replayed" },
      { id: second.id, outcome: "dropped" },
      { id: "0-999-0", outcome: "unknown" },
    ]);
    const { rows, open, dropped } = await site.page("");
    expect(open).toBe(0);
    expect(dropped).toEqual([{ code: "occurred_at_too_old", reason: "test of [masked]", count: 1 }]);
    expect(rows[0]).toMatchObject({
      id: second.id,
      state: "dropped",
      payload: "",
      reason: "test of [masked]",
    });
    expect(await site.replay({ ids: [second.id], edits: { [second.id]: { event: event() } } })).toEqual([
      { id: second.id, outcome: "dropped" },
    ]);
    expect(await problemOf(await site.command("drop", { ids, reason: " " }))).toEqual([400, "body_invalid"]);
  });
});

it("a cursor comes back as it was", () => {
  const cursor = [{ id: 12, index: 3 }, undefined, { id: 0, index: 0 }];
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  for (const text of ["", "1", "-1-2", "1-2.", "1-2;3-4"]) expect(parseCursor(text)).toBeUndefined();
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QUARANTINE_SOURCE } from "../event/quarantine.ts";
import { type DecodeContext, decodeBatch } from "../ingest/decode.ts";
import { OneShard } from "../shard/one-shard.ts";
import { formatQuarantineId, parseQuarantineId, type QuarantineId } from "./id.ts";
import { mergePatch } from "./merge-patch.ts";
import type { Quarantined } from "./quarantine.ts";
import { decodeReplay, type QuarantineEdit } from "./replay.ts";

const NOW_MS = 1_790_000_000_000;
const LATER_MS = NOW_MS + 5 * 86_400_000;
const SITE = "shop";

const AT: DecodeContext = {
  site: SITE,
  receivedAtMs: NOW_MS,
  derivedVisitor: "d.v",
  device: "mobile",
  fixes: { decimalComma: false },
};
let made = 0;

/** Sends events to the shard as a page does. */
async function send(one: OneShard, events: unknown[], envelope: object = {}): Promise<void> {
  const stream = `s${made++}`;
  const batch = decodeBatch({ session: `session of ${stream}`, stream, seq: 0, events, ...envelope }, AT);
  if (!batch.ok) throw new Error(JSON.stringify(batch.reason));
  await one.take(batch.value);
}

const order = (value: unknown = "12,90", more: object = {}) => ({
  name: "purchase",
  occurredAtMs: NOW_MS,
  transactionId: `o${made++}`,
  currency: "EUR",
  value,
  ...more,
});

function newest(one: OneShard): Quarantined {
  return one.shard.quarantine.page({ limit: 1 }).rows[0] as Quarantined;
}

function placeOf({ lsn, index }: { lsn: number; index: number }): QuarantineId {
  return { shard: 0, lsn, index };
}

const patched = (patch: object): QuarantineEdit => ({ patch });

function decode(kept: Quarantined, edit?: QuarantineEdit, nowMs = LATER_MS) {
  const id = formatQuarantineId(placeOf(kept));
  return decodeReplay(kept, edit, { site: SITE, id, nowMs, fixes: AT.fixes ?? {}, pseudonym: () => "p1" });
}

/** As the route does it. */
async function replay(one: OneShard, place: QuarantineId, edit?: QuarantineEdit): Promise<string> {
  const [kept] = one.shard.quarantine.find([place]);
  if (!kept) return "unknown";
  const batch = decode(kept, edit);
  if (!batch.ok) return batch.reason === "cut" ? "cut" : batch.reason.code;
  const answer = await one.shard.replay(place, batch.value);
  if (typeof answer === "string") return answer;
  if ("overloaded" in answer) return "overloaded";
  return answer.accepted === 1 ? "replayed" : answer.duplicate === 1 ? "duplicate" : "refused";
}

async function accepted(one: OneShard): Promise<number> {
  const ledger = await one.shard.ledger({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
  expect(ledger.unbalanced).toBe(0);
  expect(ledger.acceptedByLedger).toBe(one.shard.state.accepted);
  return one.shard.state.accepted;
}

describe("a rejected event", () => {
  test("is decoded as it would have been when it came, and arrives now", async () => {
    const one = new OneShard();
    await send(one, [order()], {
      visitor: "v1",
      user: "u1",
      source: "till",
      sentAtMs: NOW_MS - 3_600_000,
      context: { url: "https://shop.example/done", title: "Thanks", language: "de" },
    });
    const batch = decode(newest(one), patched({ value: "12.90" }));
    expect(batch).toMatchObject({
      ok: true,
      value: {
        source: QUARANTINE_SOURCE,
        stream: "quarantine:0-1-0",
        seq: 0,
        count: 1,
        session: newest(one).session,
        visitor: "v1",
        user: "u1",
        language: "de",
        device: "mobile",
        receivedAtMs: LATER_MS,
        events: [
          {
            name: "purchase",
            valueMinor: 1290,
            title: "Thanks",
            path: "/done",
            occurredAtMs: NOW_MS + 3_600_000,
            fixes: ["event:replayed", "event:edited", "occurredAt:skew"],
            originals: { "/source": "till" },
          },
        ],
      },
    });
  });

  test("that claims to come from the future is judged by the time of its receipt", async () => {
    const one = new OneShard();
    await send(one, [{ name: "search", occurredAtMs: NOW_MS + 2 * 86_400_000 }]);
    expect(decode(newest(one))).toEqual({
      ok: false,
      reason: { pointer: "/occurredAtMs", code: "occurred_at_in_future" },
    });
    expect(decode(newest(one), patched({ occurredAtMs: NOW_MS })).ok).toBe(true);
  });

  test("says why it is rejected again, with a pointer into the event", async () => {
    const one = new OneShard();
    await send(one, [order("a lot")]);
    expect(decode(newest(one))).toEqual({
      ok: false,
      reason: { pointer: "/value", code: "money_invalid" },
    });
    expect(await replay(one, placeOf(newest(one)))).toBe("money_invalid");
    expect(newest(one).reject.closed).toBeUndefined();
    expect(await accepted(one)).toBe(0);
  });

  test("is not late, however much has happened since", async () => {
    const one = new OneShard();
    await send(one, [order(), order("12,90", { occurredAtMs: NOW_MS - 20 * 86_400_000 })]);
    const [old, young] = one.shard.quarantine.page({ limit: 2 }).rows.map(placeOf) as [
      QuarantineId,
      QuarantineId,
    ];
    for (const place of [young, old])
      expect(await replay(one, place, patched({ value: 5 }))).toBe("replayed");
    const { journal } = one.disk.open();
    for (const { slot } of journal.scan()) expect(journal.read(slot).text).not.toContain('"late"');
  });

  test("that was cut needs a whole event", async () => {
    const one = new OneShard();
    const long = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`p${n}`, "word ".repeat(40)]));
    await send(one, [order("a lot", long)]);
    const { reject } = newest(one);
    expect(reject.cut).toBe(true);
    expect(reject.payload.length).toBeLessThanOrEqual(8192);
    expect(decode(newest(one))).toEqual({ ok: false, reason: "cut" });
    expect(decode(newest(one), patched({ value: 1 }))).toEqual({ ok: false, reason: "cut" });
    expect(decode(newest(one), { event: order(1) }).ok).toBe(true);
  });

  test("is not cut below the bound, however long its addresses", async () => {
    const one = new OneShard();
    const url = `https://shop.example/?q=${"word-".repeat(200)}`;
    await send(one, [order("a lot", { url })]);
    expect(newest(one).reject.cut).toBeUndefined();
    const batch = decode(newest(one), patched({ value: 1 }));
    expect(batch.ok && batch.value.events[0]?.url).toBe(url);
  });

  test("whose id was masked is not counted under the mask, which many share", async () => {
    const one = new OneShard();
    await send(one, [order("a lot", { transactionId: "jane@shop.example" })]);
    expect(decode(newest(one), patched({ value: 5 }))).toEqual({
      ok: false,
      reason: { pointer: "/transactionId", code: "id_invalid" },
    });
    const named = decode(newest(one), patched({ value: 5, transactionId: "jane@shop.example" }));
    expect(named.ok && named.value.events[0]?.orderId).toBe("[masked]p1");
  });
});

describe("a replay counts once", () => {
  test("however often, however edited, also after a crash", async () => {
    const one = new OneShard();
    await send(one, [order(), order()]);
    const place = placeOf(newest(one));
    expect(await replay(one, place, patched({ value: 5 }))).toBe("replayed");
    expect(newest(one).reject.closed).toEqual({ state: "replayed", atMs: LATER_MS, edited: true });
    expect(await replay(one, place, patched({ value: 7 }))).toBe("duplicate");
    one.restart(0);
    expect(await replay(one, place, { event: order(8) })).toBe("duplicate");
    expect(await accepted(one)).toBe(1);
    expect(one.shard.quarantine.counts.open).toBe(1);
  });

  test("when two ask at the same moment", async () => {
    const one = new OneShard();
    await send(one, [order()]);
    const place = placeOf(newest(one));
    const both = [replay(one, place, patched({ value: 5 })), replay(one, place, patched({ value: 6 }))];
    expect((await Promise.all(both)).sort()).toEqual(["duplicate", "replayed"]);
    expect(await accepted(one)).toBe(1);
  });

  test("and is there whole or not at all, wherever a crash cuts", async () => {
    for (const survivors of [0, 99]) {
      const one = new OneShard();
      await send(one, [order()]);
      const place = placeOf(newest(one));
      const lost = replay(one, place, patched({ value: 5 })).catch(() => "lost");
      one.restart(survivors);
      await lost;
      const isThere = survivors > 0;
      expect(await accepted(one)).toBe(isThere ? 1 : 0);
      expect(newest(one).reject.closed?.state).toBe(isThere ? "replayed" : undefined);
      expect(await replay(one, place, patched({ value: 6 }))).toBe(isThere ? "duplicate" : "replayed");
      expect(await accepted(one)).toBe(1);
    }
  });

  test("and nobody is told of it before it is on the disk", async () => {
    const one = new OneShard();
    await send(one, [order(), order()]);
    const [place, other] = one.shard.quarantine.page({ limit: 2 }).rows.map(placeOf) as [
      QuarantineId,
      QuarantineId,
    ];
    const asked = [
      replay(one, place, patched({ value: 5 })),
      replay(one, place, patched({ value: 6 })),
      one.shard.quarantined([place]),
      one.shard.quarantinePage({ limit: 1 }),
      one.shard.dropQuarantined([other], "test"),
    ];
    one.restart(0);
    const answers = await Promise.allSettled(asked);
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
    expect(one.shard.quarantine.counts.open).toBe(2);
  });

  test("and not at all what was dropped or erased", async () => {
    const one = new OneShard();
    await send(one, [order(), order()], { visitor: "v1" });
    const [second, first] = one.shard.quarantine.page({ limit: 2 }).rows.map(placeOf) as [
      QuarantineId,
      QuarantineId,
    ];
    one.shard.quarantine.drop([first], "test", NOW_MS);
    expect(await replay(one, first, { event: order(5) })).toBe("dropped");
    one.shard.quarantine.erase({ visitor: "v1" });
    expect(await replay(one, second, { event: order(5) })).toBe("unknown");
    expect(await accepted(one)).toBe(0);
  });

  test("and not at all when its row was erased while it waited for its commit", async () => {
    const one = new OneShard();
    await send(one, [order()], { visitor: "v1" });
    const place = placeOf(newest(one));
    // A commit is under way, so the replay has found its row and waits for the next one.
    const before = send(one, [{ name: "page_view", occurredAtMs: NOW_MS }]);
    const asked = replay(one, place, patched({ value: 5 }));
    expect(one.shard.positions.pendingBatches).toBe(1);
    expect(one.shard.quarantine.erase({ visitor: "v1" })).toBe(1);
    await before;
    expect(await asked).toBe("unknown");
    expect(await accepted(one)).toBe(1);
    const { journal } = one.disk.open();
    for (const { slot } of journal.scan()) expect(journal.read(slot).text).not.toContain("quarantine:0-1-0");
  });

  test("and a commit of nothing else leaves no gap in the journal", async () => {
    const one = new OneShard();
    await send(one, [order()], { visitor: "v1" });
    const place = placeOf(newest(one));
    const before = send(one, [{ name: "page_view", occurredAtMs: NOW_MS }]);
    const asked = replay(one, place, patched({ value: 5 }));
    one.shard.quarantine.erase({ visitor: "v1" });
    // The map of the site becomes known meanwhile, so it goes into the next record.
    await one.shard.handOver({ site: SITE, stream: "t", map: [{ shards: 1 }] });
    await before;
    expect(await asked).toBe("unknown");
    const { committedLsn } = one.shard.positions;
    await one.shard.flush();
    one.restart();
    expect(one.shard.positions.committedLsn).toBe(committedLsn);
  });

  test("in any order of replays, drops and crashes", async () => {
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("send" as const) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant("replay" as const),
          at: fc.nat(7),
          value: fc.integer({ min: 1, max: 9 }),
          waits: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), at: fc.nat(7) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), survivors: fc.nat(3) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const one = new OneShard({}, { checkpointCommits: 3, checkpointLength: 1 });
        const places: QuarantineId[] = [];
        const counted = new Map<string, number>();
        const said = new Set<string>();
        const settled: Promise<unknown>[] = [];
        for (const now of steps) {
          const place = "at" in now ? places[now.at % Math.max(1, places.length)] : undefined;
          if (now.kind === "send") {
            await send(one, [order()]);
            places.push(placeOf(newest(one)));
          } else if (now.kind === "crash") one.restart(now.survivors);
          else if (place === undefined) continue;
          else if (now.kind === "drop") one.shard.quarantine.drop([place], "test", NOW_MS);
          else {
            const name = formatQuarantineId(place);
            const answer = replay(one, place, patched({ value: now.value })).then(
              (outcome) => {
                if (outcome === "replayed") counted.set(name, (counted.get(name) ?? 0) + 1);
                if (outcome === "duplicate") said.add(name);
              },
              () => {},
            );
            settled.push(answer);
            if (now.waits) await answer;
          }
        }
        await Promise.all(settled);
        one.restart();
        const rows = one.shard.quarantine.page({ limit: 100 }).rows;
        const replayed = rows.filter(({ reject }) => reject.closed?.state === "replayed").map(placeOf);
        // Nothing was answered twice, what was answered is there, and what is there is in the state once.
        expect([...counted.values()].every((times) => times === 1)).toBe(true);
        for (const name of [...counted.keys(), ...said])
          expect(replayed.map(formatQuarantineId)).toContain(name);
        expect(await accepted(one)).toBe(replayed.length);
      }),
      { numRuns: 100 },
    );
  });
});

test("nobody but a replay may send under its names", () => {
  const body = { session: "s", stream: "st", seq: 0, events: [order(5)] };
  for (const [field, value] of [
    ["stream", "quarantine:0-1-0"],
    ["stream", " quarantine:0-1-0"],
    ["source", "quarantine"],
  ] as const)
    expect(decodeBatch({ ...body, [field]: value }, AT)).toEqual({
      ok: false,
      reason: [{ pointer: `/${field}`, code: "batch_invalid" }],
    });
});

test("an id has one spelling", () => {
  for (const text of ["0-1-0", "63-99999999999-499"])
    expect(formatQuarantineId(parseQuarantineId(text) as QuarantineId)).toBe(text);
  for (const text of ["", "0-1", "00-1-0", "0-01-0", "0-1-00", "0-1-0 ", "-1-1-0", "0-1-1e3", "0-1-0-0"])
    expect(parseQuarantineId(text)).toBeUndefined();
});

describe("a merge patch", () => {
  // The examples of RFC 7396, appendix A.
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "foo" }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("of %j with %j is %j", (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  test("reaches no prototype", () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')) as object;
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

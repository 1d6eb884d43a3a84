import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { cut } from "./batch.ts";
import { type Disk, segmentNames } from "./disk.ts";
import { streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { sendOthers } from "./send-others.ts";

const SOUND: Disk = {
  "tm:a:0": '{"session":"s","stream":"a"}\n{"n":0}\n{"n":1}',
  "tm:a:2": '{"session":"s","stream":"a"}\n{"n":2}',
  "tm:b:7": '{"session":"s","stream":"b"}\n{"n":7}',
};

/** A page of the stream `own` on this disk; what it sends must be as the collector can read it. */
function pageOn(disk: Disk): { page: Page; sent: Set<string> } {
  const sent = new Set<string>();
  const page = {
    disk,
    batchesUrl: "/v1/batches",
    keyQuery: "?key=wk",
    ownStream: "own",
    batches: new Set(),
    seal: () => {},
    deliver: async (_page: Page, batch) => {
      const { head, lines } = batch;
      const { session, stream, seq, events } = JSON.parse(
        `${head.slice(0, -1)},"seq":${batch.seq},"events":[${lines}]}`,
      );
      expect(session).toBeTypeOf("string");
      expect(events.length).toBeGreaterThan(0);
      for (const index of events.keys()) sent.add(`${stream}:${seq + index}`);
      cut(page.disk, batch);
    },
  } as Partial<Page> as Page;
  return { page, sent };
}

const part = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "b",
    "c",
    "own",
    "0",
    "00",
    "1",
    "7",
    "NaN",
    "-1",
    "1e3",
    "9".repeat(30),
    " ",
    "%",
  ),
  fc.string({ maxLength: 3 }),
);
const name = fc.array(part, { maxLength: 4 }).map((parts) => ["tm", ...parts].join(":"));
const line = fc.oneof(
  fc.constantFrom(
    "",
    "{}",
    "null",
    "7",
    "[]",
    '{"n":0}',
    '{"n":',
    '{"n":0},{"n":1}',
    '{"session":"s","stream":"a"}',
    '{"session":7,"stream":"a"}',
    '{"session":"s","stream":"c"} ',
  ),
  fc.json({ maxDepth: 1 }),
  fc.string({ maxLength: 5 }),
);
const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n"));
const junk = fc.dictionary(name, text, { maxKeys: 8 });

test("whatever others wrote under names like ours, the log is sent, and what nobody can read is given up once", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ ranges: [] }));
  await fc.assert(
    fc.asyncProperty(junk, fc.boolean(), async (written, isFirst) => {
      const disk = isFirst ? { ...written, ...SOUND } : { ...SOUND, ...written, ...SOUND };
      const { page, sent } = pageOn(disk);
      await sendOthers(page);
      expect([...sent]).toEqual(expect.arrayContaining(["a:0", "a:1", "a:2", "b:7"]));
      expect(segmentNames(disk).filter((left) => streamOf(left) !== "own")).toEqual([]);
      const { damaged = 0 } = page.dropped ?? {};
      await sendOthers(page);
      expect(page.dropped?.damaged ?? 0).toBe(damaged);
    }),
    { numRuns: 100 },
  );
  vi.unstubAllGlobals();
});

test("what is given up is counted by its events, as far as one can tell", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ ranges: [] }));
  const shapes: [Disk, number][] = [
    [{ "tm:": "x" }, 1],
    [{ "tm:x:NaN:": '{"session":"s","stream":"x"}\n{}' }, 1],
    [{ "tm:a:0": '{"session":"s","stre' }, 1],
    [{ "tm:a:0": '{"session":"s","stream":"a"}' }, 1],
    [{ "tm:a:0": '{"session":"s","stream":"b"}\n{}\n{}' }, 2],
    [{ "tm:a:0": '{"session":"s","stream":"a"}\n{}\n{"n"\n{}' }, 3],
    [{ "tm:a:0": '{"session":"s","stream":"a"}\n{}\n{}' }, 0],
  ];
  for (const [disk, events] of shapes) {
    const { page, sent } = pageOn({ ...disk });
    await sendOthers(page);
    expect([page.dropped?.damaged ?? 0, sent.size]).toEqual([events, events ? 0 : 2]);
    expect(page.disk).toEqual({});
  }
  vi.unstubAllGlobals();
});

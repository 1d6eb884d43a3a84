import { expect, test } from "vitest";
import { decodeRecord, encodeRecord, JOURNAL_ROW_LENGTH_MAX, type JournalBatch } from "./journal.ts";

function batch(title: string): JournalBatch {
  return {
    site: "s",
    source: "web",
    session: "a",
    stream: "b",
    seq: 0,
    count: 1,
    visitor: "v",
    receivedAtMs: 1,
    events: [{ seq: 0, name: "page_view", occurredAtMs: 1, isPageView: true, title }],
    rejects: [],
    duplicate: 0,
    refused: 0,
  };
}

test("a record comes back as it was, also in several pieces and with pairs at the cut", () => {
  const record = { lsn: 7, batches: [batch(`x${"😀".repeat(JOURNAL_ROW_LENGTH_MAX)}`)] };
  const rows = encodeRecord(record);
  expect(rows.length).toBeGreaterThan(1);
  // What storage as UTF-8 does to a row:
  for (const row of rows) row.text = new TextDecoder().decode(new TextEncoder().encode(row.text));
  expect(decodeRecord(rows.reverse())).toEqual(record);
});

test("a damaged or missing piece stops the reader", () => {
  const rows = encodeRecord({ lsn: 7, batches: [batch("x".repeat(2 * JOURNAL_ROW_LENGTH_MAX))] });
  expect(() => decodeRecord(rows.slice(1))).toThrow("journal record 7 has");
  const row = rows[0] as (typeof rows)[0];
  row.text = row.text.replace("x", "y");
  expect(() => decodeRecord(rows)).toThrow("fails its checksum");
});

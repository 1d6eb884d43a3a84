import { tableFromArrays, tableFromIPC, tableToIPC } from "@uwdata/flechette";
import { expect, test } from "vitest";
import { joinStreams } from "./join-streams.ts";

const stream = (values: number[]): Uint8Array => {
  const bytes = tableToIPC(tableFromArrays({ values }), { format: "stream" });
  if (!bytes) throw new Error("no stream");
  return bytes;
};

test("streams of one schema become one stream with all their rows in order", () => {
  const streams = [[1, 2], [3], [4, 5, 6]].map(stream);
  const table = tableFromIPC(joinStreams(streams));
  expect(Array.from(table.getChild("values"))).toEqual([1, 2, 3, 4, 5, 6]);
});

test("one stream stays what it is, and other bytes are refused", () => {
  const one = stream([7, 8]);
  expect(tableFromIPC(joinStreams([one])).numRows).toBe(2);
  expect(() => joinStreams([one, new Uint8Array(64)])).toThrow("not an Arrow IPC stream");
});

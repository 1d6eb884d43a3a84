import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvReader, type CsvRecord, RECORD_LENGTH_MAX } from "./csv.ts";

function read(...pieces: string[]): CsvRecord[] {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()];
}
const fields = (...pieces: string[]): string[][] => read(...pieces).map((record) => record.fields);

describe("CSV", () => {
  it("knows quotes, doubled quotes, commas and line ends inside quotes", () => {
    expect(fields('a,"b,c","d ""e""",\n"x\ny",2,,\n')).toEqual([
      ["a", "b,c", 'd "e"', ""],
      ["x\ny", "2", "", ""],
    ]);
  });

  it("takes CR LF, LF, a byte order mark, empty lines and a missing last line end", () => {
    expect(fields("\uFEFFa,b\r\n\r\n1,2\n\n3,4")).toEqual([
      ["a", "b"],
      ["1", "2"],
      ["3", "4"],
    ]);
    expect(fields("")).toEqual([]);
    expect(fields("\n\n")).toEqual([]);
  });

  it("counts lines also across quoted line ends and empty lines", () => {
    expect(read('h\n\n"a\nb"\nc\n').map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it("says which record has broken quotes and reads on", () => {
    const records = read('a\nb"c"\n"d"e\nf\n');
    expect(records.map(({ broken }) => broken)).toEqual([undefined, "quote", "quote", undefined]);
    expect(records.at(-1)).toMatchObject({ line: 4, fields: ["f"] });
  });

  it("loses one line to a quote that is never closed, not the rest of the file, and holds little of it", () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => `${at},x`).join("\n");
    const records = read('a,b\n"open,1\n', rows, "\n");
    expect(records[1]).toMatchObject({ line: 2, broken: "length" });
    expect(records.length).toBe(20_002);
    expect(records.at(-1)).toEqual({ line: 20_002, fields: ["19999", "x"] });
  });

  it("gives the same records however the text is cut into pieces", () => {
    const field = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("", ",", '"', "\n", "\r\n", 'a"b', "é", "1,2"),
    );
    const record = fc
      .array(field, { minLength: 1, maxLength: 4 })
      .filter((values) => values.join("") !== "" || values.length > 1);
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 8 }),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (rows, cuts) => {
          const text = rows
            .map((values) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(","))
            .join("\n");
          const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
          expect(fields(...at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(rows);
        },
      ),
    );
  });

  it("never holds more than one record, whatever comes", () => {
    const reader = new CsvReader();
    let records = 0;
    for (let piece = 0; piece < 200; piece++)
      for (const _record of reader.push("x".repeat(RECORD_LENGTH_MAX / 8))) records++;
    expect(records).toBeGreaterThan(5);
  });
});

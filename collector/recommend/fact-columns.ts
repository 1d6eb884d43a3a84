import { type LabelTable, NO_LABEL } from "./label-table.ts";
import type { PageReader, PageWriter, SlotRange } from "./page-bytes.ts";

/** Items of one page. */
export const ITEMS_PER_PAGE = 512;
/**
 * UTF-16 units of names and links in one page. With them, 512 ids of 256 B, labels of 1,280 B and columns of 57 B the
 * worst page stays below 1.8 MB. A full model has 35 units for an item, so only a page of very long ones gets there.
 */
export const PAGE_TEXT_UNITS_MAX: number = ITEMS_PER_PAGE * 900;

/** Numbers of items by slot, `width` for each; `empty` where there is nothing to say. */
export interface FactColumn {
  values: Uint8Array | Uint16Array | Uint32Array | Float64Array;
  width: number;
  empty: number;
}

/** Labels of items by slot, `width` for each. */
export interface LabelColumn {
  values: Uint16Array;
  width: number;
}

/** Writes each column in which one of the items has something. */
export function writeColumns(
  writer: PageWriter,
  columns: readonly FactColumn[],
  from: number,
  to: number,
): void {
  const used = columns.map(({ values, width, empty }) => {
    const own = values.subarray(from * width, to * width);
    return own.some((value) => !Object.is(value, empty)) ? own : undefined;
  });
  writer.u32(used.reduce((bits, own, at) => (own ? bits | (1 << at) : bits), 0));
  for (const own of used) if (own) writer.array(own);
}

export function readColumns(reader: PageReader, columns: readonly FactColumn[], range: SlotRange): void {
  const used = reader.u32();
  columns.forEach((column, at) => {
    if (used & (1 << at)) readColumn(reader, column, range);
  });
}

/** Writes the labels that the items use, and for each item their places among them, from 1. */
export function writeLabels(
  writer: PageWriter,
  labels: LabelTable,
  columns: readonly LabelColumn[],
  from: number,
  to: number,
): void {
  const places = new Map<number, number>([[NO_LABEL, 0]]);
  const placed = columns.map(({ values, width }) =>
    values.subarray(from * width, to * width).map((label) => {
      const place = places.get(label) ?? places.size;
      places.set(label, place);
      return place;
    }),
  );
  writer.u32(places.size - 1);
  for (const label of places.keys()) if (label !== NO_LABEL) writer.text(labels.text(label) ?? "");
  if (places.size > 1) for (const column of placed) writer.array(column);
}

export function readLabels(
  reader: PageReader,
  labels: LabelTable,
  columns: readonly LabelColumn[],
  range: SlotRange,
): void {
  const named = [NO_LABEL];
  // Clean since they were written; and an item that is there has room for its labels, whoever named them.
  for (let rest = reader.u32(); rest > 0; rest--) named.push(labels.take(reader.text(), "catalog"));
  if (named.length === 1) return;
  for (const column of columns) {
    readColumn(reader, column, range);
    const { values, width } = column;
    for (let at = range.from * width; at < (range.from + range.kept) * width; at++) {
      const label = named[values[at] as number] ?? NO_LABEL;
      values[at] = label;
      labels.use(label);
    }
  }
  // Each was used once more while it was read.
  for (const label of named) labels.release(label);
}

function readColumn(
  reader: PageReader,
  { values, width }: Pick<FactColumn, "values" | "width">,
  { from, count, kept }: SlotRange,
): void {
  reader.array(values.subarray(from * width, (from + kept) * width));
  reader.bytes((count - kept) * width * values.BYTES_PER_ELEMENT);
}

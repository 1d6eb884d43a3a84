import type { ColumnSource, ParquetWriteOptions } from "hyparquet-writer";
import { parquetWriteBuffer } from "hyparquet-writer/src/write.js";
import {
  type Column,
  EVENT_COLUMNS,
  type EventRow,
  isListColumn,
  LAKE_SCHEMA_VERSION,
  type ListColumn,
  type ScalarType,
  type ScalarValue,
} from "../event/columns.ts";
import type { PlannedPart } from "./part.ts";

/** Rows of one row group: the unit in which readers skip by statistics and work in parallel. */
const ROW_GROUP_ROWS = 50_000;

/**
 * The bytes of a part: Parquet, gzip, statistics on every column that is not a list.
 *
 * Gzip because every reader has it and workerd's zstd fails on larger inputs (cloudflare/workerd#6769).
 *
 * @param gzip - `gzipSync` of node:zlib; it must answer the same bytes for the same input
 */
export function encodePart(
  part: PlannedPart,
  gzip: (bytes: Uint8Array) => Uint8Array,
  rowGroupRows: number = ROW_GROUP_ROWS,
): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: EVENT_COLUMNS.map((column) => columnSource(column, part.rows)),
    schema: SCHEMA,
    codec: "GZIP",
    compressors: { GZIP: gzip },
    rowGroupSize: rowGroupRows,
    createdBy: `tidemark lake ${LAKE_SCHEMA_VERSION}`,
  });
  return new Uint8Array(buffer);
}

type SchemaElement = NonNullable<ParquetWriteOptions["schema"]>[number];

const SCHEMA: SchemaElement[] = [
  { name: "event", num_children: EVENT_COLUMNS.length },
  ...EVENT_COLUMNS.flatMap((column) => (isListColumn(column) ? listSchema(column) : [scalarSchema(column)])),
];

function scalarSchema({
  name,
  type,
  required,
}: {
  name: string;
  type: ScalarType;
  required: boolean;
}): SchemaElement {
  const repetition_type = required ? "REQUIRED" : "OPTIONAL";
  switch (type) {
    case "VARCHAR":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type };
    case "BIGINT":
      return { name, type: "INT64", repetition_type };
    case "INTEGER":
      return { name, type: "INT32", repetition_type };
    case "BOOLEAN":
      return { name, type: "BOOLEAN", repetition_type };
    case "TIMESTAMP":
      // "Not adjusted to UTC" makes it a plain TIMESTAMP for DuckDB; adjusted ones become
      // TIMESTAMPTZ, whose functions need the ICU extension, which a browser cannot load offline.
      return {
        name,
        type: "INT64",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MILLIS" },
        repetition_type,
      };
  }
}

/** The three-level list of the Parquet format. */
function listSchema({ name, fields }: ListColumn): SchemaElement[] {
  const list: SchemaElement[] = [
    { name, num_children: 1, converted_type: "LIST", repetition_type: "OPTIONAL" },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
  ];
  if (fields.length === 0) {
    return [...list, scalarSchema({ name: "element", type: "VARCHAR", required: true })];
  }
  return [
    ...list,
    { name: "element", num_children: fields.length, repetition_type: "OPTIONAL" },
    ...fields.map((field) => scalarSchema({ ...field, required: false })),
  ];
}

function columnSource(column: Column, rows: readonly EventRow[]): ColumnSource {
  const { name } = column;
  if (isListColumn(column)) {
    return {
      name,
      data: rows.map((row) => column.list(row)?.map((element) => listElement(column, element))),
      // Readers do not skip row groups by what is inside of a list; there statistics only cost time and footer.
      statistics: false,
    };
  }
  const data = rows.map((row) => column.value(row));
  // Counters and times are close to their neighbours: a column of times takes 1.8 bytes a row instead of 8.
  return column.type === "BIGINT" || column.type === "TIMESTAMP"
    ? { name, data, encoding: "DELTA_BINARY_PACKED" }
    : { name, data };
}

/** The writer takes an INT64 inside a struct as bigint only. */
function listElement({ fields }: ListColumn, element: string | Record<string, ScalarValue>): unknown {
  if (typeof element === "string") return element;
  return Object.fromEntries(
    fields.map(({ name, type }) => {
      const value = element[name];
      return [name, type === "BIGINT" && typeof value === "number" ? BigInt(value) : value];
    }),
  );
}

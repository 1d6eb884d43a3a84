import type { ColumnSource, ParquetWriteOptions } from "hyparquet-writer";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";
import {
  type Column,
  EVENT_COLUMNS,
  type EventRow,
  isListColumn,
  LAKE_SCHEMA_VERSION,
  type ListColumn,
  type ScalarColumn,
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
  const steps = encodePartSteps(part, gzip, rowGroupRows);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * The same in steps of one column each, for those who have others to serve meanwhile: a minute of a busy shop is half a second
 * of work. Each step tells how many values it wrote.
 */
export function* encodePartSteps(
  { rows }: PlannedPart,
  gzip: (bytes: Uint8Array) => Uint8Array,
  rowGroupRows: number = ROW_GROUP_ROWS,
): Generator<number, Uint8Array> {
  // In memory, so neither writing nor finishing waits for anything.
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: SCHEMA,
    codec: "GZIP",
    compressors: { GZIP: gzip },
    createdBy: `tidemark lake ${LAKE_SCHEMA_VERSION}`,
  });
  for (let from = 0; from < rows.length; from += rowGroupRows) {
    const group = rows.slice(from, from + rowGroupRows);
    const before = file.row_groups.length;
    for (const column of EVENT_COLUMNS) {
      for (const { schema, source } of leavesOf(column, group)) {
        // The writer takes whole row groups: each column is one of its own until they are joined.
        file.schema = schema;
        void file.write({ columnData: [source], rowGroupSize: rowGroupRows });
        yield group.length;
      }
    }
    file.row_groups.push(joined(file.row_groups.splice(before)));
  }
  file.schema = SCHEMA;
  file.num_rows = BigInt(rows.length);
  void file.finish();
  return new Uint8Array(writer.getBuffer());
}

type RowGroup = ParquetWriter["row_groups"][number];

/** Row groups of one column each, as one. */
function joined(groups: readonly RowGroup[]): RowGroup {
  const sum = (size: (group: RowGroup) => bigint | undefined): bigint =>
    groups.reduce((total, group) => total + (size(group) ?? 0n), 0n);
  return {
    columns: groups.flatMap(({ columns }) => columns),
    total_byte_size: sum((group) => group.total_byte_size),
    num_rows: groups[0]?.num_rows ?? 0n,
    total_compressed_size: sum((group) => group.total_compressed_size),
  };
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
function listSchema({ name, fields }: Pick<ListColumn, "name" | "fields">): SchemaElement[] {
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

/** What is written at once: the values of a column, or of one field of its structs, and a schema that has nothing else. */
interface Leaf {
  schema: SchemaElement[];
  source: ColumnSource;
}

function* leavesOf(column: Column, rows: readonly EventRow[]): Generator<Leaf> {
  const { name } = column;
  if (!isListColumn(column)) {
    yield { schema: alone([scalarSchema(column)]), source: scalarSource(column, rows) };
    return;
  }
  const lists = rows.map((row) => column.list(row));
  // Readers do not skip row groups by what is inside of a list; there statistics only cost time and footer.
  const source = (data: unknown[]): ColumnSource => ({ name, data, statistics: false });
  if (column.fields.length === 0) yield { schema: alone(listSchema(column)), source: source(lists) };
  for (const field of column.fields) {
    const data = lists.map((list) => list?.map((element) => ({ [field.name]: fieldValue(field, element) })));
    yield { schema: alone(listSchema({ name, fields: [field] })), source: source(data) };
  }
}

const alone = (schema: SchemaElement[]): SchemaElement[] => [{ name: "event", num_children: 1 }, ...schema];

function scalarSource(column: ScalarColumn, rows: readonly EventRow[]): ColumnSource {
  const { name, type } = column;
  const data = rows.map((row) => column.value(row));
  // Counters and times are close to their neighbours: a column of times takes 1.8 bytes a row instead of 8.
  return type === "BIGINT" || type === "TIMESTAMP"
    ? { name, data, encoding: "DELTA_BINARY_PACKED" }
    : { name, data };
}

/** The writer takes an INT64 inside a struct as bigint only. */
function fieldValue(
  { name, type }: ListColumn["fields"][number],
  element: string | Record<string, ScalarValue>,
): ScalarValue | bigint {
  const value = typeof element === "string" ? undefined : element[name];
  return type === "BIGINT" && typeof value === "number" ? BigInt(value) : value;
}

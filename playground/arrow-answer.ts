import { type DataType, Type, tableFromIPC } from "@uwdata/flechette";
import type { Answer, AnswerColumn, Cell, ColumnKind } from "./database.ts";
import { readableNumber } from "./result/format.ts";

/** Of a list, or bytes, with more entries only the first are written out: the rest is no use on a page. */
const ENTRIES_MAX = 10_000;
const ENTRIES_SHOWN = 100;

const EXTRACTION = { useBigInt: true, useDecimalInt: true } as const;

/** Arrow IPC messages, schema first, as columns and rows of plain values. */
export function readAnswer(chunks: Uint8Array[], rowsMax: number): Answer {
  const table = tableFromIPC(chunks, EXTRACTION);
  const columns = table.schema.fields.map(({ name, type }): AnswerColumn => ({ name, kind: kindOf(type) }));
  const types = table.schema.fields.map(({ type }) => type);
  const count = Math.min(table.numRows, rowsMax);
  const vectors = columns.map((_, index) => table.getChildAt(index));
  const rows = Array.from({ length: count }, (_, row) =>
    vectors.map((vector, index) => toCell(vector.at(row), types[index] as DataType)),
  );
  return { columns, rows, more: table.numRows > rowsMax };
}

/** Rows of one record batch. */
export function batchRows(schema: Uint8Array, chunk: Uint8Array): number {
  return tableFromIPC([schema, chunk], EXTRACTION).numRows;
}

function kindOf(type: DataType): ColumnKind {
  switch (type.typeId) {
    case Type.Int:
    case Type.Float:
    case Type.Decimal:
      return "number";
    case Type.Timestamp:
      return "time";
    case Type.Date:
      return "date";
    case Type.Bool:
      return "boolean";
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Dictionary:
      return "text";
    default:
      return "other";
  }
}

function toCell(value: unknown, type: DataType): Cell {
  if (value === null || value === undefined) return null;
  if (type.typeId === Type.Decimal) return decimal(value as number | bigint, type.scale);
  if (typeof value === "bigint") return narrow(value);
  if (value instanceof Date) return value.getTime();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value, plain);
}

/** Integers that a number holds exactly are numbers. */
function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Sums of BIGINT are DECIMAL(38,0) here, and have to stay exact. */
function decimal(value: number | bigint, scale: number): number | bigint {
  if (scale === 0) return narrow(BigInt(value));
  return Number(value) / 10 ** scale;
}

/** For lists and structs. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") {
    const narrowed = narrow(value);
    return typeof narrowed === "number" ? narrowed : narrowed.toString();
  }
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return value;
  const entries = value as ArrayLike<unknown>;
  if (entries.length <= ENTRIES_MAX) return Array.from(entries);
  return [
    ...Array.from({ length: ENTRIES_SHOWN }, (_, index) => entries[index]),
    `… (${readableNumber(entries.length)} entries)`,
  ];
}

import type { EventRow } from "../event/columns.ts";
import type { PlannedPart } from "../lake/part.ts";

/** Stands in for Parquet. The version before ours wrote the same rows in other bytes. */
export function encodePart(part: PlannedPart, isOld: boolean): Uint8Array {
  const rows = part.rows.map((row) => ({ ...row, batch: { ...row.batch, events: [], rejects: [] } }));
  return new TextEncoder().encode(JSON.stringify(isOld ? { old: true, rows } : { rows }));
}

export function decodePart(bytes: Uint8Array): EventRow[] {
  return (JSON.parse(new TextDecoder().decode(bytes)) as { rows: EventRow[] }).rows;
}

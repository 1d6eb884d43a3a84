/**
 * What DuckDB says about a query, in words. Its WebAssembly build answers errors as JSON:
 * `{"exception_type":"Parser","exception_message":"syntax error …","position":"14"}`.
 */
export function duckDbMessage(message: string, sql: string): string {
  const thrown = parse(message);
  if (!thrown?.exception_message) return message + adviceFor(message);
  const { exception_type: type = "", exception_message: text, position } = thrown;
  const place = position === undefined ? "" : `, ${lineOf(sql, Number(position))}`;
  return `${type} Error${place}: ${text}`.trim() + adviceFor(text);
}

function adviceFor(text: string): string {
  return OWN_TABLE_MISSING.test(text) ? "\nLoad the lake again, then it is back." : "";
}

/** A query has dropped what the lake is loaded into; loading makes it anew. */
const OWN_TABLE_MISSING = /\bname (events|items|orders) does not exist/i;

interface Thrown {
  exception_type?: string;
  exception_message?: string;
  position?: string;
}

function parse(message: string): Thrown | undefined {
  try {
    return JSON.parse(message);
  } catch {
    // Some errors come as plain words already.
    return undefined;
  }
}

/** Positions count bytes of UTF-8 from 0. */
function lineOf(sql: string, position: number): string {
  const before = new TextDecoder().decode(new TextEncoder().encode(sql).subarray(0, position));
  const lines = before.split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

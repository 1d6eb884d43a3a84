/** A record of more characters than this is broken quoting, not data. */
export const RECORD_LENGTH_MAX = 64 * 1024;

export interface CsvRecord {
  /** Line of the file where the record starts, from 1. */
  line: number;
  fields: string[];
  /** Why the record could not be cut into fields. */
  broken?: "quote" | "length";
}

/**
 * Cuts text that arrives in pieces into the records of RFC 4180: quotes, doubled quotes, line ends inside quotes,
 * CR LF or LF, a byte order mark, no line end at the end. Empty lines are no records.
 * It holds one record at a time, at most RECORD_LENGTH_MAX characters.
 */
export class CsvReader {
  #rest = "";
  #line = 1;
  #isFirst = true;

  *push(text: string): Generator<CsvRecord> {
    let pending = this.#rest + text;
    if (this.#isFirst && pending !== "") {
      this.#isFirst = false;
      if (pending.charCodeAt(0) === 0xfeff) pending = pending.slice(1);
    }
    let start = 0;
    for (let end = recordEnd(pending, start); end >= 0; end = recordEnd(pending, start)) {
      yield* this.#record(pending.slice(start, end));
      start = end + 1;
    }
    this.#rest = pending.slice(start);
    if (this.#rest.length > RECORD_LENGTH_MAX) yield* this.#giveUp();
  }

  *end(): Generator<CsvRecord> {
    const last = this.#rest;
    this.#rest = "";
    yield* this.#record(last);
  }

  *#record(raw: string): Generator<CsvRecord> {
    const line = this.#line;
    this.#line += 1 + countOf("\n", raw);
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (text === "") return;
    const fields = text.includes('"') ? quotedFields(text) : text.split(",");
    yield fields === undefined ? { line, fields: [], broken: "quote" } : { line, fields };
  }

  /** An open quote has swallowed what follows: only its first line is lost, the rest is read again. */
  *#giveUp(): Generator<CsvRecord> {
    const swallowed = this.#rest;
    const cut = swallowed.indexOf("\n");
    yield { line: this.#line, fields: [], broken: "length" };
    this.#line += 1;
    this.#rest = "";
    if (cut >= 0) yield* this.push(swallowed.slice(cut + 1));
  }
}

/** Where the line feed is that ends the record from `start`, or -1. */
function recordEnd(text: string, start: number): number {
  let end = text.indexOf("\n", start);
  if (end < 0) return -1;
  let quotes = countOf('"', text, start, end);
  while (quotes % 2 === 1) {
    const next = text.indexOf("\n", end + 1);
    if (next < 0 || next - start > RECORD_LENGTH_MAX) return -1;
    quotes += countOf('"', text, end, next);
    end = next;
  }
  return end;
}

function quotedFields(text: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let value = "";
      let close = text.indexOf('"', at + 1);
      while (close >= 0 && text[close + 1] === '"') {
        value += text.slice(at + 1, close + 1);
        at = close + 1;
        close = text.indexOf('"', at + 1);
      }
      if (close < 0) return undefined;
      fields.push(value + text.slice(at + 1, close));
      at = close + 1;
      if (at < text.length && text[at] !== ",") return undefined;
    } else {
      const comma = text.indexOf(",", at);
      const field = text.slice(at, comma < 0 ? text.length : comma);
      if (field.includes('"')) return undefined;
      fields.push(field);
      at = comma < 0 ? text.length : comma;
    }
    if (at >= text.length) return fields;
    at += 1;
  }
}

function countOf(mark: string, text: string, from = 0, to: number = text.length): number {
  let count = 0;
  for (let at = text.indexOf(mark, from); at >= 0 && at < to; at = text.indexOf(mark, at + 1)) count++;
  return count;
}

/** What a `Range` header asks of a file; both ends are inclusive, as in `Content-Range`. */
export type ByteRange =
  | { kind: "whole" }
  | { kind: "slice"; first: number; last: number }
  | { kind: "unsatisfiable" };

/**
 * Reads a `Range` header by RFC 9110, section 14.
 *
 * - One range is answered. Several, another unit or a malformed header: the whole file, as the standard allows.
 * - An end behind the file is cut to it; a range that begins behind the file is unsatisfiable.
 */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "");
  if (match === null) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return { kind: "whole" };
    return slice(Math.max(0, size - Number(last)), size - 1, size);
  }
  if (last !== "" && Number(last) < Number(first)) return { kind: "whole" };
  return slice(Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1), size);
}

function slice(first: number, last: number, size: number): ByteRange {
  return first < size ? { kind: "slice", first, last } : { kind: "unsatisfiable" };
}

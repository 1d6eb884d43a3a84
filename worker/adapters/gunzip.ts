import { gunzipSync } from "node:zlib";

/** workerd asks for more room than it needs while it inflates: sizes around 64 KB fail at a bound of just that size. */
const ROOM_FACTOR = 2;
const ROOM_BYTES = 65_536;

/**
 * Undoes gzip where the length of the result is known.
 *
 * @throws when the result is longer or shorter, so a page that says a wrong length is damage and not a bomb
 */
export function gunzip(bytes: Uint8Array, length: number): Uint8Array {
  const result = gunzipSync(bytes, { maxOutputLength: ROOM_FACTOR * length + ROOM_BYTES });
  if (result.length !== length) throw new RangeError(`${result.length} bytes came of what says ${length}`);
  return result;
}

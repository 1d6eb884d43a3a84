/** How often a value may be percent-encoded and is still read. */
const DECODE_ROUNDS_MAX = 3;

/** Percent-decoded text; `+` stays. Broken escapes stay as they are. */
export function percentDecoded(text: string): string {
  return decodeRounds(text, (round) => round);
}

/** The same for query parameters, where a `+` is a space, also in a URL inside a parameter. */
export function parameterDecoded(text: string): string {
  return decodeRounds(text, (round) => round.replaceAll("+", " "));
}

function decodeRounds(text: string, prepare: (round: string) => string): string {
  let plain = prepare(text);
  for (let round = 0; round < DECODE_ROUNDS_MAX && plain.includes("%"); round++) {
    const next = decodeOnce(prepare(plain));
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Each run of escapes for itself, so that nothing hides behind one broken byte elsewhere. */
function decodeOnce(text: string): string {
  let decoded = "";
  let at = 0;
  for (let sign = text.indexOf("%"); sign !== -1; sign = text.indexOf("%", Math.max(at, sign + 1))) {
    const byte = byteAt(text, sign);
    if (byte === undefined) continue;
    let end = sign + 3;
    let plain = String.fromCharCode(byte);
    if (byte >= ASCII_MAX) {
      const bytes = [byte];
      for (let next = byteAt(text, end); next !== undefined && next >= ASCII_MAX; next = byteAt(text, end)) {
        bytes.push(next);
        end += 3;
      }
      // One byte alone is no UTF-8, but maybe Latin-1 of an old page.
      plain = bytes.length === 1 ? text.slice(sign, end) : utf8.decode(Uint8Array.from(bytes));
    }
    decoded += text.slice(at, sign) + plain;
    at = end;
  }
  return decoded + text.slice(at);
}

const ASCII_MAX = 0x80;

/** The byte of `%41` at a place, undefined when there is no escape. */
function byteAt(text: string, sign: number): number | undefined {
  if (text.charCodeAt(sign) !== 0x25) return undefined;
  const high = hexDigit(text.charCodeAt(sign + 1));
  const low = hexDigit(text.charCodeAt(sign + 2));
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function hexDigit(unit: number): number | undefined {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}

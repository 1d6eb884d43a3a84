/** How often a value may be percent-encoded and is still read. */
const DECODE_ROUNDS_MAX = 3;

/** Percent-decoded text; `+` is left to the caller. Broken escapes stay as they are. */
export function percentDecoded(text: string): string {
  let plain = text;
  for (let round = 0; round < DECODE_ROUNDS_MAX && plain.includes("%"); round++) {
    const next = decodeOnce(plain);
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8 as a whole: at least the ASCII escapes, so that nothing hides behind one broken byte.
    return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}

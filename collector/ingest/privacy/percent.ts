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

import { EMAIL_DOMAIN, EMAIL_LOCAL, isKind } from "./character.ts";
import type { Span } from "./span.ts";

/** Characters looked at on each side of the sign; an address is shorter. */
const SIDE_MAX = 128;
const SIGN = /@|%(?:25)*40|\uff20/g;
const HAS_HOST = /\.[\p{L}\p{N}-]{2,}/u;

/** `name@host.tld`, also with the `@` percent-encoded once or twice. */
export function emailSpans(text: string): Span[] {
  const spans: Span[] = [];
  // A `%40` could itself belong to a name, so nothing before the last sign is looked at twice.
  let looked = 0;
  for (const sign of text.matchAll(SIGN)) {
    const first = Math.max(looked, sign.index - SIDE_MAX);
    let start = sign.index;
    while (start > first && isKind(text, start - 1, EMAIL_LOCAL)) start--;
    const domainStart = sign.index + sign[0].length;
    const last = Math.min(text.length, domainStart + SIDE_MAX);
    let end = domainStart;
    while (end < last && isKind(text, end, EMAIL_DOMAIN)) end++;
    looked = domainStart;
    if (start < sign.index && HAS_HOST.test(text.slice(domainStart, end))) spans.push([start, end]);
  }
  return spans;
}

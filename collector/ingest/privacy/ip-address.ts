import { HEX, isDigit, isKind, isLetterOrNumber } from "./character.ts";
import type { Span } from "./span.ts";

/** Longest address in text: eight groups of four, the last two as IPv4. */
const IPV6_LENGTH_MAX = 45;
const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}/;
const IPV4_LENGTH_MAX = 15;
const VERSION = /(?:^|[^\p{L}\p{N}])(?:v|ver|version|release|firmware|build)[\s.:=]{0,2}$/iu;
const VERSION_LENGTH_MAX = 12;

/** Where a text holds IP addresses. `1.2.3.4` and what is called a version are left alone: software has four parts too. */
export function ipAddressSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < text.length; at++) {
    const end = isDigit(text, at) ? (ipv4End(text, at) ?? ipv6End(text, at)) : ipv6End(text, at);
    if (end === undefined) continue;
    spans.push([at, end]);
    at = end - 1;
  }
  return spans;
}

function ipv4End(text: string, at: number): number | undefined {
  if (isPart(text, at - 1)) return undefined;
  const found = IPV4.exec(text.slice(at, at + IPV4_LENGTH_MAX))?.[0];
  if (found === undefined) return undefined;
  const end = at + found.length;
  if (isDigit(text, end) || (text[end] === "." && isDigit(text, end + 1))) return undefined;
  const parts = found.split(".");
  if (parts.some((part) => Number(part) > 255) || parts.every((part) => part.length === 1)) return undefined;
  return VERSION.test(text.slice(Math.max(0, at - VERSION_LENGTH_MAX), at)) ? undefined : end;
}

/** Eight groups, or fewer with one `::` and a digit somewhere; so `12:30:45` and `std::vector` stay. */
function ipv6End(text: string, at: number): number | undefined {
  const isStart = isKind(text, at, HEX) || (text[at] === ":" && text[at + 1] === ":");
  if (!isStart || isPart(text, at - 1) || text[at - 1] === ":") return undefined;
  const last = Math.min(text.length, at + IPV6_LENGTH_MAX);
  let end = at;
  let colons = 0;
  let doubles = 0;
  let hasDigit = false;
  let groupLength = 0;
  for (; end < last; end++) {
    if (text[end] === ":") {
      colons++;
      if (text[end + 1] === ":") doubles++;
      groupLength = 0;
    } else if (isKind(text, end, HEX)) {
      if (++groupLength > 4) return undefined;
      hasDigit ||= isDigit(text, end);
    } else {
      break;
    }
    // Most words end here: no address begins with five letters.
    if (colons === 0 && end - at >= 4) return undefined;
  }
  if (isLetterOrNumber(text, end)) return undefined;
  const isWhole = colons === 7 && doubles === 0;
  const isShortened = doubles === 1 && colons >= 3 && colons <= 7;
  return hasDigit && (isWhole || isShortened) ? end : undefined;
}

/** Whether what stands before would make it a part of something longer. */
function isPart(text: string, at: number): boolean {
  return isLetterOrNumber(text, at) || (text[at] === "." && isDigit(text, at - 1));
}

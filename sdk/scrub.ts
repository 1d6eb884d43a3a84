import type { Page } from "./part.ts";
import { safe } from "./safe.ts";

/** Longer texts are cut, so that looking for addresses in them stays cheap, and one of them never fills the log. */
const TEXT_CHARS_MAX = 1_000;
/** `@` or `%40` between what may stand in a mail address, up to its top-level domain. */
const MAIL = /[^\s&=/?<>"]+(@|%40)[^\s&=/?<>"]+\.[a-z]{2,}/gi;
const TOKEN = "token";
/** Parameters, of whoever's events, that hold an address or a text which somebody may have written something private into. */
const ADDRESS_PARAM = /(location|referrer|url|destination)$/i;
const TEXT_PARAM = /(title|term)$/i;

/**
 * A text as modules write it to the log: without mail addresses and what the shop named; nothing where that is no pattern.
 *
 * @param pattern - the shop's own, as in `data-scrub`
 */
export function cleanText(text: string, pattern?: string): string {
  const named = pattern && safe(RegExp)(`(${pattern})[^ &]*`, "g");
  if (pattern && !named) return "";
  const cut = text.slice(0, TEXT_CHARS_MAX).replace(MAIL, "");
  // Up to the end of the parameter or word, as the tag does it to the addresses and titles of its page.
  return named ? cut.replace(named, "") : cut;
}

/** An address without tokens as well, where the shop named nothing else. */
export function cleanAddress(url: string, pattern: string = TOKEN): string {
  return cleanText(url, pattern);
}

/** Parameters of an event that a module found, as it may log them. What a shop says of its items stays as it is. */
export function cleanParams(params: Record<string, unknown>, pattern?: string): Record<string, unknown> {
  const entries = Object.entries(params).map(([name, value]) => {
    if (typeof value !== "string") return [name, value];
    if (ADDRESS_PARAM.test(name)) return [name, cleanAddress(value, pattern)];
    return [name, TEXT_PARAM.test(name) ? cleanText(value, pattern) : value];
  });
  return Object.fromEntries(entries);
}

/** The shop's own pattern: an option of the module, an attribute of the tag. */
export function patternOf({ scrub }: Page): string | undefined {
  return scrub ?? document.querySelector<HTMLElement>("[data-scrub]")?.dataset.scrub;
}

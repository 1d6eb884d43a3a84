import { maskText } from "./privacy/mask-text.ts";
import type { Work } from "./privacy/work.ts";

/** How much of a text is looked at, as a multiple of what is kept: masking may shorten it. */
const LOOK_AHEAD = 4;
/** Text cut before masking could end inside an e-mail address or a card number; this much is given up then. */
const CUT_TAIL = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;

/** What was done to a text on its way in. */
export type TextFix = "cut" | "wellformed" | "masked";

/**
 * Text as it is kept: well-formed, NFC, without control characters, trimmed, masked, at most `lengthMax`
 * UTF-16 units and never cut inside a surrogate pair.
 */
export function cleanText(
  raw: string,
  lengthMax: number,
  onFix: (fix: TextFix) => void,
  mask: (text: string, work?: Work) => string = maskText,
  work?: Work,
): string {
  const window = raw.length > lengthMax * LOOK_AHEAD ? cutText(raw, lengthMax * LOOK_AHEAD) : raw;
  let text = window;
  if (!text.isWellFormed()) {
    text = text.toWellFormed();
    onFix("wellformed");
  }
  text = text.normalize("NFC").replace(CONTROLS, " ").trim();
  const masked = mask(text, work);
  if (masked !== text) onFix("masked");
  text = window === raw ? masked : masked.slice(0, -CUT_TAIL);
  if (window !== raw || text.length > lengthMax) onFix("cut");
  return cutText(text, lengthMax).trimEnd();
}

/** The first `lengthMax` UTF-16 units, one less where that would split a surrogate pair. */
export function cutText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const last = text.charCodeAt(lengthMax - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHighSurrogate ? lengthMax - 1 : lengthMax);
}

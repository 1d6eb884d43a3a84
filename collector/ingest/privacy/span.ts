/** A stretch of text, end exclusive. */
export type Span = [start: number, end: number];

/** What stands where something private stood. */
export const MASK = "[masked]";

/** The text with one mask for each stretch; stretches that overlap become one. */
export function maskSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  spans.sort((a, b) => a[0] - b[0]);
  let masked = "";
  let at = 0;
  for (const [start, end] of spans) {
    if (end <= at) continue;
    if (start >= at) masked += text.slice(at, start) + MASK;
    at = end;
  }
  return masked + text.slice(at);
}

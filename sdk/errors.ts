import type { Page } from "./part.ts";
import { safe } from "./safe.ts";
import { cleanAddress, cleanText, patternOf } from "./scrub.ts";

/** Errors of one page that are told; the same one is told once. */
const ERRORS_MAX = 10;

const told = new Set<string>();
let isStarted = false;

/** Errors that the page's own scripts did not catch. The collector masks what else is private in their text. */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  const tell = (kind: string, reason: unknown, file?: string, line?: number): void => {
    const scrub = patternOf(page);
    const description = cleanText(String((reason as Error | undefined)?.message ?? reason), scrub);
    if (told.size >= ERRORS_MAX || told.has(description)) return;
    told.add(description);
    page.tracker.track("exception", {
      kind,
      description,
      file: file && cleanAddress(file.replace(/[?#].*/, ""), scrub),
      line,
    });
  };
  addEventListener(
    "error",
    safe(({ error, message, filename, lineno }: ErrorEvent) => {
      // An element that could not be loaded has no message.
      if (message) tell("error", error ?? message, filename, lineno);
    }),
  );
  addEventListener(
    "unhandledrejection",
    safe(({ reason }: PromiseRejectionEvent) => tell("rejection", reason)),
  );
}

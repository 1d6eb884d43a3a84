import { eraseCopy } from "./copy-store.ts";
import { OFF_KEY, put, SESSION_KEY } from "./disk.ts";
import type { Page } from "./part.ts";
import { ignore, safe } from "./safe.ts";
import type { Tracker } from "./tracker.ts";

/** What was sent has its receipt by now, most of the time. */
const RECEIPT_WITHIN_MS = 3000;

/** As the tag makes them, and others might. */
const SESSION_ID = /^[\w.-]{1,128}$/;

/**
 * Some shops clear their storage, at a logout for example, and with it the log and the mark of a visitor who opted out.
 * The memory of the page has both all the same: they go back before it sends or writes the next time, when another page
 * clears, and when the page is left.
 */
export function surviveClearing(page: Page): void {
  const { seal, session, tracker } = page;
  const { consent } = tracker;
  /** Segments of this page without a receipt, as far as it knows, also of streams that it writes no more. */
  const kept = new Map<string, string>();
  let sessionId = storedSession(page);
  let isOff = false;

  const look = safe(() => {
    const id = storedSession(page);
    if (page.disk[OFF_KEY]) {
      if (!isOff) void eraseCopy().catch(ignore);
      isOff = true;
      kept.clear();
      page.batches.clear();
    }
    // Only a page whose visitor wants to be measured begins a session.
    else if (isOff && !id) put(page, OFF_KEY, "1");
    else isOff = false;
    if (isOff) return;
    if (!id || (id !== sessionId && isGone())) restore();
    else forgetSent();
    sessionId = id;
  });

  /** While there is a session, the log is there too; another one may be that of a page which wrote after a clear. */
  function isGone(): boolean {
    const names = [...page.batches].flatMap(({ texts }) => Object.keys(texts));
    return names.length > 0 && !names.some((name) => page.disk[name]);
  }

  function keep(): void {
    for (const { texts } of page.batches)
      for (const [name, text] of Object.entries(texts)) kept.set(name, text);
  }

  function restore(): void {
    keep();
    for (const [name, text] of kept) put(page, name, page.disk[name] ?? text);
  }

  /** The oldest come first, and most are sent first, so that this takes no time. */
  function forgetSent(): void {
    for (const name of kept.keys()) {
      if (page.disk[name]) return;
      kept.delete(name);
    }
  }

  page.seal = () => {
    look();
    keep();
    setTimeout(look, RECEIPT_WITHIN_MS);
    seal();
  };
  page.session = () => {
    look();
    const current = session();
    // With another session the page begins another stream, and forgets what it has of this one.
    if (current !== sessionId) keep();
    sessionId = current;
    return current;
  };
  const consentAndForget: Tracker["consent"] = (choice) => {
    look();
    isOff = false;
    consent(choice);
    look();
  };
  tracker.consent = consentAndForget;
  // The script tag has a copy, unless the shop put its own in that place.
  const { tidemark } = self as { tidemark?: Partial<Tracker> };
  if (tidemark?.consent === consent) tidemark.consent = consentAndForget;

  addEventListener("storage", ({ key }) => {
    // Consent that was given on another page; a clear has no key.
    if (key === OFF_KEY && !page.disk[OFF_KEY]) isOff = false;
    else if (key === OFF_KEY || key === null) look();
  });
  for (const type of ["visibilitychange", "pagehide"]) addEventListener(type, look);
  look();
}

/** What somebody else wrote there is no session: no batch that names it would be taken. */
function storedSession({ disk }: Page): string | undefined {
  const id = disk[SESSION_KEY]?.split(" ")[0];
  if (id === undefined || SESSION_ID.test(id)) return id;
  delete disk[SESSION_KEY];
  return undefined;
}

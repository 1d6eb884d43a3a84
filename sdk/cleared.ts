import { OFF_KEY, put, SESSION_KEY } from "./disk.ts";
import type { Page } from "./part.ts";
import type { Tracker } from "./tracker.ts";

/**
 * Some shops clear their storage, at a logout for example, and the log with it. What waits is in the memory of its page
 * all the same, and goes back before the page sends or writes the next time.
 */
export function surviveClearing(page: Page): void {
  const { seal, session, tracker } = page;
  page.seal = () => {
    restore(page);
    seal();
  };
  page.session = () => {
    restore(page);
    return session();
  };
  // What a visitor had erased does not come back, also when consent is given again at once.
  const { consent } = tracker;
  const consentAndForget: Tracker["consent"] = (choice) => {
    consent(choice);
    if (page.disk[OFF_KEY]) page.batches.clear();
  };
  tracker.consent = consentAndForget;
  // The script tag has a copy, unless the shop put its own in that place.
  const { tidemark } = self as { tidemark?: Partial<Tracker> };
  if (tidemark?.consent === consent) tidemark.consent = consentAndForget;
}

/** While the log is there, so is a session. */
function restore(page: Page): void {
  if (page.disk[OFF_KEY]) page.batches.clear();
  if (page.disk[SESSION_KEY]) return;
  for (const { texts } of page.batches)
    for (const [name, text] of Object.entries(texts)) put(page, name, page.disk[name] ?? text);
}

import { safe } from "./safe.ts";

/** Where the Navigation API is missing, the address is looked at this often. */
const LOOK_EVERY_MS = 500;

/**
 * The only listener for the life of the page.
 *
 * @param onVisible - looked at, also again; a page that is only prerendered is not
 * @param onHidden - perhaps the last chance to send; others may take over what the page leaves
 * @param onRestored - back from the back/forward cache
 * @param onRoute - the address may have changed without a new page
 */
export function watchPage(
  onVisible: () => void,
  onHidden: () => void,
  onRestored: () => void,
  onRoute: () => void,
  onLoaded: () => void,
): void {
  const listen = (type: string, run: (event: Event) => unknown): void => addEventListener(type, safe(run));

  // A page that was opened in the background is a page view all the same.
  if (!document.prerendering) onVisible();
  listen("visibilitychange", () => (document.hidden ? onHidden() : onVisible()));
  listen("pagehide", onHidden);
  listen("pageshow", (event) => (event as PageTransitionEvent).persisted && onRestored());
  listen("load", onLoaded);
  // Fires within the call that changes the address, so what is tracked next belongs to the new one.
  if (self.navigation) navigation.addEventListener("currententrychange", safe(onRoute));
  else setInterval(safe(onRoute), LOOK_EVERY_MS);
}

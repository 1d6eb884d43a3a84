import { safe } from "./safe.ts";

/** A router that took the methods before they were wrapped, or puts them back, is seen by looking at the address this often. */
const LOOK_EVERY_MS = 500;

/**
 * Hears of routes where the Navigation API is missing, within the call that changes the address, so that what is tracked
 * next belongs to the new one.
 *
 * @param onRoute - never throws, and may be called when nothing changed
 */
export function watchRoutes(onRoute: () => unknown): void {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    const wrapped: History["pushState"] = function (this: History, ...args) {
      original.apply(this, args);
      onRoute();
    };
    safe(() => {
      history[name] = wrapped;
    })();
  }
  addEventListener("popstate", onRoute);
  addEventListener("hashchange", onRoute);
  setInterval(onRoute, LOOK_EVERY_MS);
  // The address may have changed before this module was there.
  onRoute();
}

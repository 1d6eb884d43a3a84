import { safe } from "./safe.ts";

export interface PageLife {
  /** The page is being looked at, or at least not only prerendered. Once. */
  onStart(): void;
  /** The address changed without a new page. */
  onRoute(): void;
  /** Perhaps the last chance to send. */
  onHidden(): void;
  /** Ended, or put into the back/forward cache; others may take over what it left. */
  onGone(): void;
  onRestored(): void;
  onOnline(): void;
}

/** The only listener for the life of the page. */
export function watchPage(on: PageLife): void {
  const listen = (target: EventTarget, type: string, run: (event: Event) => unknown): void =>
    target.addEventListener(type, safe(run));

  const begin = safe(() => {
    on.onStart();
    listen(document, "visibilitychange", () => document.hidden && on.onHidden());
    listen(self, "pagehide", on.onGone);
    listen(self, "pageshow", (event) => (event as PageTransitionEvent).persisted && on.onRestored());
    listen(self, "online", on.onOnline);
    if (self.navigation) {
      // Fires within the call that changes the address, so what is tracked next belongs to the new one.
      listen(
        self.navigation,
        "currententrychange",
        (event) => (event as NavigationCurrentEntryChangeEvent).navigationType !== "replace" && on.onRoute(),
      );
    } else {
      listen(self, "popstate", on.onRoute);
      const { pushState } = history;
      history.pushState = function (...args) {
        pushState.apply(this, args);
        safe(on.onRoute)();
      };
    }
  });

  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
}

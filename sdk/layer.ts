import { safe } from "./safe.ts";

/** What a shop pushes: an object of Google Tag Manager, or the arguments of a call of `gtag`. */
export type LayerEntry = Record<string, unknown> | ArrayLike<unknown>;

/** Entries that were there before us; a page with more has not described itself in the newest ones. */
const ENTRIES_MAX = 500;

/**
 * Hears what was and will be pushed to `window.dataLayer`, whoever else listens. Makes the layer where there is none
 * yet, as every one of its users does.
 */
export function watchLayer(hear: (entry: LayerEntry) => void): void {
  const host = self as unknown as { dataLayer?: LayerEntry[] };
  host.dataLayer ??= [];
  const layer = host.dataLayer;
  if (!Array.isArray(layer)) return;
  const listen = safe((entry: LayerEntry) => {
    if (typeof entry === "object" && entry !== null) hear(entry);
  });
  for (const entry of layer.slice(-ENTRIES_MAX)) listen(entry);
  const push = layer.push;
  layer.push = (...entries) => {
    const length = push.apply(layer, entries);
    // Whoever wraps it must still find a function that answers like the original.
    for (const entry of entries) listen(entry);
    return length;
  };
}

/** `gtag("consent", "update", {…})` as a list of its arguments; undefined for objects. */
export function callOf(entry: LayerEntry): unknown[] | undefined {
  return typeof (entry as ArrayLike<unknown>).length === "number"
    ? Array.from(entry as ArrayLike<unknown>)
    : undefined;
}

import type { CanaryResult } from "./run.ts";

const LEAKS_SHOWN = 60;

/** What a campaign found, for a terminal. */
export function summaryLines({
  sent,
  places,
  kinds,
  statuses,
  stores,
  bytes,
  leaks,
  blind,
}: CanaryResult): string[] {
  return [
    `${sent} canaries of ${kinds.size} kinds through ${places} places, ${(bytes / 1e6).toFixed(1)} MB searched, ${leaks.length} found`,
    `answers: ${counts(statuses)}`,
    `stores: ${counts(stores)}`,
    ...blind.map((store) => `BLIND the search does not find what is surely in ${store}`),
    ...leaks
      .slice(0, LEAKS_SHOWN)
      .map(
        ({ kind, place, text, store }) => `LEAK ${kind} in ${place}: ${JSON.stringify(text)} is in ${store}`,
      ),
  ];
}

function counts(of: ReadonlyMap<string | number, number>): string {
  return [...of].map(([name, count]) => `${name} ${count}`).join(", ");
}

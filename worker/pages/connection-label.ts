import { formatAge } from "./format.ts";
import type { Level } from "./freshness.ts";
import type { Connection } from "./live-connection.ts";

/** Up to this age the numbers of a lost connection are as good as live. */
const STALE_AFTER_MS = 3_000;

/** What the chip says; `messageAgeMs` is the age of the newest state, null before the first. */
export function connectionLabel(
  connection: Connection,
  messageAgeMs: number | null,
): { text: string; level: Level } {
  switch (connection.phase) {
    case "live":
      return { text: "Live", level: "good" };
    case "polling":
      return { text: "Live, every 5 s", level: "good" };
    case "refused":
      return { text: "Key refused", level: "bad" };
    case "paused":
      return { text: "Paused", level: "none" };
    case "connecting":
      return messageAgeMs === null ? { text: "Connecting…", level: "none" } : lost(messageAgeMs);
    case "reconnecting":
      return lost(messageAgeMs);
  }
}

function lost(messageAgeMs: number | null): { text: string; level: Level } {
  if (messageAgeMs === null || messageAgeMs < STALE_AFTER_MS) return { text: "Reconnecting…", level: "warn" };
  return { text: `Stale since ${formatAge(messageAgeMs)}`, level: "bad" };
}

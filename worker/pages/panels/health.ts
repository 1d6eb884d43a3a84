import { connectionLabel } from "../connection-label.ts";
import { byId, setAttribute, setText } from "../dom.ts";
import { formatAge, formatCount } from "../format.ts";
import { freshnessLevel, newestEventAgeMs } from "../freshness.ts";
import type { DashboardState } from "../state.ts";

/** What tells an engineer whether to trust the rest: connection, age of the newest event, quarantine. */
export function renderHealth({ connection, message, messageAtMs }: DashboardState, nowMs: number): void {
  const messageAgeMs = messageAtMs === null ? null : nowMs - messageAtMs;
  const label = connectionLabel(connection, messageAgeMs);
  chip("connection", label.text, label.level);
  // Said aloud only when the kind of connection changes, not with every second that it is stale.
  setText(byId("announcement"), label.text.replace(/ since .*/, ""));

  const ageMs = message && messageAgeMs !== null ? newestEventAgeMs(message, messageAgeMs) : null;
  const age = ageMs === null ? "none yet" : `${formatAge(ageMs)} ago`;
  chip("freshness", message ? age : "–", freshnessLevel(ageMs));

  const quarantined = message?.quarantinedToday ?? null;
  chip("quarantined", quarantined === null ? "–" : formatCount(quarantined), quarantined ? "warn" : "none");
}

function chip(id: string, text: string, level: string): void {
  const element = byId(id);
  setText(element, text);
  setAttribute(element, "data-level", level);
}

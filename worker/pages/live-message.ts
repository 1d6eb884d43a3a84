import type { LiveMessage } from "../../collector/event/live.ts";

/** Bounds of what the page draws, whatever a message carries. */
export const NEWEST_MAX = 20;
export const TOP_MAX = 5;
export const MINUTES_MAX = 30;
const FUNNEL_STEPS_MAX = 12;

/** Null when the text is not a state of ours; the connection is then treated as broken. */
export function decodeLiveMessage(text: string): LiveMessage | null {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isState(input)) return null;
  return {
    ...input,
    minutes: input.minutes.slice(-MINUTES_MAX),
    top: input.top.slice(0, TOP_MAX),
    funnel: input.funnel.slice(0, FUNNEL_STEPS_MAX),
    newest: input.newest.slice(0, NEWEST_MAX),
  };
}

function isState(input: unknown): input is LiveMessage {
  if (!isRecord(input) || input.type !== "state") return false;
  const today = input.today;
  return (
    ["atMs", "visitorsNow", "quarantinedToday"].every((name) => Number.isFinite(input[name])) &&
    (input.freshnessMs === null || Number.isFinite(input.freshnessMs)) &&
    isRecord(today) &&
    ["pv", "uv", "sessions", "events", "orders"].every((name) => Number.isFinite(today[name])) &&
    Array.isArray(today.gmv) &&
    ["minutes", "top", "funnel", "newest"].every((name) => isRecords(input[name]))
  );
}

function isRecords(input: unknown): boolean {
  return Array.isArray(input) && input.every(isRecord);
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

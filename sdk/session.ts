import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import { type Disk, put, SESSION_KEY } from "./disk.ts";

/** Activity is noted no more often than this, so that most tasks write only to the log. */
const STAMP_EVERY_MS = 10_000;

/**
 * The id of the session that activity at `nowMs` belongs to.
 * A clock that was moved by more than the gap, in either direction, begins a new session.
 */
export function touchSession(page: { disk: Disk }, nowMs: number, newId: () => string): string {
  let [id, lastMs] = (page.disk[SESSION_KEY] ?? "").split(" ") as [string, string];
  // Not a number where nothing, or something else, was stored: then neither comparison holds.
  const idleMs = Math.abs(nowMs - +lastMs);
  if (!(idleMs < SESSION_GAP_MS)) id = newId();
  if (!(idleMs < STAMP_EVERY_MS)) put(page, SESSION_KEY, `${id} ${nowMs}`);
  return id;
}

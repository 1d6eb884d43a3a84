import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import type { Store } from "./store.ts";

/** `<id> <last activity, ms>`, shared by all tabs of the shop. */
export const SESSION_KEY = "tm.session";

/** Activity is noted no more often than this, so that most tasks write only to the log. */
const STAMP_EVERY_MS = 10_000;

/**
 * The id of the session that activity at `nowMs` belongs to.
 * A clock that was moved by more than the gap, in either direction, begins a new session.
 */
export function touchSession(store: Store, nowMs: number, newId: () => string): string {
  let [id, lastMs] = (store.get(SESSION_KEY) ?? "").split(" ") as [string, string];
  const idleMs = Math.abs(nowMs - +lastMs);
  if (!(idleMs < SESSION_GAP_MS)) id = newId();
  if (!(idleMs < STAMP_EVERY_MS)) store.put(SESSION_KEY, id + " " + nowMs);
  return id;
}

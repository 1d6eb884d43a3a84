import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import { type Disk, put, SESSION_KEY } from "./disk.ts";

/** Activity is noted no more often than this, so that most tasks write only to the log. */
const STAMP_EVERY_MS = 10_000;

/**
 * The id of the session that activity at `nowMs` belongs to.
 * A clock that was moved by more than the gap, in either direction, begins a new session.
 */
export function touchSession(page: { disk: Disk }, nowMs: number, newId: () => string): string {
  const [known, lastMs] = (page.disk[SESSION_KEY] ?? "").split(" ") as [string, string];
  const idleMs = Math.abs(nowMs - +lastMs);
  const id = idleMs < SESSION_GAP_MS && lastMs ? known : newId();
  if (id !== known || idleMs > STAMP_EVERY_MS) put(page, SESSION_KEY, `${id} ${nowMs}`);
  return id;
}

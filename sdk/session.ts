import { SESSION_GAP_MS } from "../collector/event/limits.ts";
import { type Disk, put, SESSION_KEY } from "./disk.ts";

/** Activity is noted no more often than this, so that most tasks write only to the log. */
const STAMP_EVERY_MS = 10_000;

/** What a link of a campaign carries: GA4's parameters, and the click ids of ad networks. */
const CAMPAIGN = /(utm_\w+|clk?id|braid)=[^&]*/g;

/**
 * The id of the session that activity at `nowMs` on the page `url` belongs to.
 * A clock that was moved by more than the gap, in either direction, begins a new session; so does another campaign.
 */
export function touchSession(
  page: { disk: Disk },
  nowMs: number,
  newId: () => string,
  url: string | undefined,
): string {
  let [id, lastMs, before] = (page.disk[SESSION_KEY]?.split(" ") ?? []) as [string, string, string];
  const campaign = url?.match(CAMPAIGN)?.join() ?? before;
  // Not a number where nothing, or something else, was stored: then neither comparison holds.
  const idleMs = campaign === before ? Math.abs(nowMs - +lastMs) : Number.NaN;
  if (!(idleMs < SESSION_GAP_MS)) id = newId();
  if (!(idleMs < STAMP_EVERY_MS)) put(page, SESSION_KEY, `${id} ${nowMs} ${campaign}`);
  return id;
}

import type { LiveMessage } from "../../collector/event/live.ts";
import type { Connection } from "./live-connection.ts";

/** All that the live half of the page draws from. */
export interface DashboardState {
  connection: Connection;
  /** The newest state of the shop; kept while the connection is lost, and then shown as stale. */
  message: LiveMessage | null;
  /** When it arrived, by our own clock. */
  messageAtMs: number | null;
}

export type Change =
  | { type: "connection"; connection: Connection }
  | { type: "message"; message: LiveMessage; atMs: number };

export const INITIAL_STATE: DashboardState = {
  connection: { phase: "connecting" },
  message: null,
  messageAtMs: null,
};

export function reduce(state: DashboardState, change: Change): DashboardState {
  switch (change.type) {
    case "connection":
      // Another key may belong to another site, whose numbers these are not.
      if (change.connection.phase === "refused") return { ...INITIAL_STATE, connection: change.connection };
      return { ...state, connection: change.connection };
    case "message":
      return { ...state, message: change.message, messageAtMs: change.atMs };
  }
}

/** Whether the numbers on the page may be behind the shop. */
export function isStale({ connection, message }: DashboardState): boolean {
  return message !== null && connection.phase !== "live" && connection.phase !== "polling";
}

/** Whether the shop has never sent anything. */
export function isUnborn({ message }: DashboardState): boolean {
  return message !== null && message.freshnessMs === null && message.today.events === 0;
}

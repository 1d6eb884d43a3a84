import { expect, test } from "vitest";
import { connectionLabel } from "./connection-label.ts";
import type { Connection } from "./live-connection.ts";

const lost: Connection = { phase: "reconnecting", attempt: 2, retryAtMs: 0 };

test.each<[Connection, number | null, string]>([
  [{ phase: "connecting" }, null, "Connecting…"],
  [{ phase: "live" }, 500, "Live"],
  [lost, null, "Reconnecting…"],
  [lost, 1200, "Reconnecting…"],
  [lost, 12_900, "Stale since 12 s"],
  [{ phase: "connecting" }, 61_000, "Stale since 1 min"],
  [{ phase: "polling" }, 100, "Live, every 5 s"],
  [{ phase: "refused", code: "key_unknown" }, null, "Key refused"],
])("%o after %s ms says %s", (connection, messageAgeMs, text) => {
  expect(connectionLabel(connection, messageAgeMs).text).toBe(text);
});

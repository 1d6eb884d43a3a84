import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeBatch } from "../ingest/decode.ts";
import type { EventBody } from "./batch.ts";
import type { RejectCode } from "./reject.ts";
import { STANDARD_EVENTS, type StandardEvent, type StandardParam } from "./standard-events.ts";

const EVENTS = Object.entries(STANDARD_EVENTS) as [string, StandardEvent][];
const NOW_MS = Date.UTC(2026, 10, 2);
const SAMPLE: Record<StandardParam, unknown> = {
  url: "https://shop.example/p/1",
  title: "A page",
  referrer: "https://search.example/",
  searchTerm: "tent",
  itemListId: "home",
  currency: "EUR",
  value: "12.90",
  valueMinor: 1290,
  transactionId: "O-1",
  items: [{ itemId: "TENT-2", price: "12.90" }],
};

function outcome(event: EventBody): RejectCode | "accepted" {
  const decoded = decodeBatch(
    { session: "s", stream: "a", seq: 0, events: [event] },
    { site: "shop", receivedAtMs: NOW_MS, derivedVisitor: "v" },
  );
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.reason));
  return decoded.value.rejects[0]?.code ?? "accepted";
}

describe.each(EVENTS)("%s", (name, { needs, takes }) => {
  const params = (names: readonly StandardParam[]) =>
    Object.fromEntries(names.map((param) => [param, SAMPLE[param]]));
  const event = (names: readonly StandardParam[]) => ({ name, occurredAtMs: NOW_MS, ...params(names) });

  test("is accepted with what it needs, and with all that it takes", () => {
    expect(outcome(event(needs))).toBe("accepted");
    expect(outcome(event([...needs, ...takes]))).toBe("accepted");
  });

  test.each(needs.map((need) => [need]))("is rejected without its %s", (missing) => {
    expect(outcome(event(needs.filter((need) => need !== missing)))).not.toBe("accepted");
  });
});

test("docs/events.md lists each", () => {
  const list = (params: readonly string[]) => params.map((param) => `\`${param}\``).join(", ");
  const document = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  for (const [name, { needs, takes, when }] of EVENTS)
    expect(document).toContain(`| \`${name}\` | ${when} | ${list(needs)} | ${list(takes)} |`);
});

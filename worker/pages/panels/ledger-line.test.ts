import { expect, test } from "vitest";
import type { LedgerAnswer } from "../../../collector/event/ledger.ts";
import { sampleLedger } from "../testing/sample.ts";
import { ledgerText } from "./ledger-line.ts";

const text = (more: Partial<LedgerAnswer> = {}, totals: Partial<LedgerAnswer["totals"]> = {}) => {
  const sample = sampleLedger();
  return ledgerText({ ...sample, ...more, totals: { ...sample.totals, ...totals } });
};

test("the sum is written out, without what there was none of", () => {
  expect(text()).toBe("1,200 received = 1,150 accepted + 40 duplicate + 10 quarantined: balanced");
  expect(text({}, { received: 3, accepted: 3, duplicate: 0, quarantined: 0 })).toBe(
    "3 received = 3 accepted: balanced",
  );
});

test("what is beside it is said when there is any, and a ledger that does not balance in any case", () => {
  const requestsRefused = { atLeast: true, codes: { origin_forbidden: 2, overloaded: 3 }, shed: {} } as const;
  expect(
    text({ pendingLake: 7, requestsRefused, balanced: false }, { lostInPage: { outbox_full: 4 } }),
  ).toMatch(/: NOT BALANCED, .*; 7 on the way to the lake; 4 lost in pages; 5 requests refused$/);
});

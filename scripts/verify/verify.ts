import type { ProductRow, RecommendationsReport } from "../../collector/event/report.ts";
import { DAY_MS } from "../../collector/stream/pane.ts";
import { Api, type Range } from "./api.ts";
import type { VerifyArguments } from "./arguments.ts";
import { type Check, errorOf, type Figures } from "./figures.ts";
import { LakeCopy } from "./lake-copy.ts";
import { receiptCheck } from "./receipts.ts";
import { type Recomputed, recompute } from "./recompute.ts";
import {
  funnelFigures,
  ORDERS_OF_PRODUCTS,
  outcomeFigures,
  overviewFigures,
  productFigures,
  salesFigures,
  servedOutcome,
  sessionFigures,
  trafficFigures,
} from "./served.ts";
import { type Settled, settle } from "./settled.ts";

export interface Verified {
  range: Range;
  events: number;
  parts: number;
  checks: Check[];
}

/** What the comparison of reports needs. */
type ReportsSettled = Pick<Settled, "served" | "ledgerBefore" | "ledgerAfter" | "isCutShort">;

/** Recomputes every report of a range from the lake, and puts it beside what the API serves. */
export async function verify(
  { origin, readKey, adminKey, ...range }: VerifyArguments,
  say: (line: string) => void,
): Promise<Verified> {
  await using copy = await LakeCopy.open();
  // Awaited here, or the copy would be gone before it is read.
  return await verifyWith(new Api(origin, readKey, adminKey), copy, range, say);
}

/** The same with a copy of the lake that the caller goes on to read. */
export async function verifyWith(
  api: Api,
  copy: LakeCopy,
  { dayMs, lookBackMs }: Pick<VerifyArguments, "dayMs" | "lookBackMs">,
  say: (line: string) => void,
): Promise<Verified> {
  const whole = dayMs === undefined ? {} : { fromMs: dayMs, toMs: dayMs + DAY_MS };
  // A lake may have more hours than a report has windows.
  const window = dayMs === undefined ? "day" : "hour";
  const settled = await settle(api, copy, whole, lookBackMs, window, say);
  say(`recomputing with DuckDB from ${copy.parts} parts`);
  const lake = await recompute(copy, settled.range, window);
  const checks = [
    lakeCheck(copy, lake),
    ...ledgerChecks(settled, lake, dayMs === undefined),
    receiptsCheck(settled),
    ...reportChecks(settled, lake, window),
  ];
  return { range: settled.range, events: lake.totals.events, parts: copy.parts, checks };
}

/** The parts are what the manifest says, and hold each event once. */
function lakeCheck(copy: LakeCopy, { repeated }: Recomputed): Check {
  const { faults } = copy;
  return {
    report: "lake",
    lake: new Map([
      ["parts at fault", faults.length],
      ["events held more than once", repeated.count],
    ]),
    served: new Map([
      ["parts at fault", 0],
      ["events held more than once", 0],
    ]),
    findings: [...faults.map(({ key, what }) => `${key}: ${what}`), ...repeated.examples],
  };
}

function ledgerChecks(
  { ledgerBefore, ledgerAfter, isStill }: Settled,
  { totals }: Recomputed,
  isAll: boolean,
): Check[] {
  const { received, accepted, duplicate, quarantined, refused } = ledgerAfter.totals;
  const lake: Figures = new Map<string, number | string>([
    ["balanced", "true"],
    ["received", accepted + duplicate + quarantined + refused],
  ]);
  const served: Figures = new Map<string, number | string>([
    ["balanced", String(ledgerAfter.balanced)],
    ["received", received],
  ]);
  // Over all times, hours of receipt and of event time are about the same events.
  const isComparable = isAll && isStill && ledgerBefore.totals.accepted === accepted;
  if (isComparable) {
    lake.set("accepted", totals.events);
    served.set("accepted", accepted);
  }
  const leftOut = isAll && !isComparable ? "accepted: events kept arriving" : undefined;
  return [{ report: "ledger", lake, served, ...(leftOut ? { leftOut } : {}) }];
}

function receiptsCheck({ receipts: { inLake, ledger, closedUntilMs, leftOut } }: Settled): Check {
  const check = receiptCheck(inLake, ledger, closedUntilMs);
  return leftOut === undefined ? check : { ...check, leftOut };
}

export function reportChecks(
  { served, ...settled }: ReportsSettled,
  lake: Recomputed,
  window: string,
): Check[] {
  const { overview, traffic, sales, funnel, sessions } = served;
  const ledger = {
    quarantined: between(settled, "quarantined", overview.totals.quarantined),
    duplicate: between(settled, "duplicate", overview.totals.duplicate),
  };
  const basis = overview.totals.basis;
  const checks: Check[] = [
    {
      report: "overview",
      lake: overviewFigures({ totals: { ...lake.totals, ...lake.sales.totals, ...ledger, basis } }),
      served: overviewFigures(overview),
      ...errorOf(overview),
    },
    {
      report: `traffic by ${window}`,
      lake: trafficFigures({ totals: lake.totals, windows: lake.windows }),
      served: trafficFigures(traffic),
      ...errorOf(traffic),
    },
    {
      report: `sales by ${window}`,
      lake: salesFigures(lake.sales),
      served: salesFigures(sales),
      ...(settled.isCutShort ? { leftOut: "orders that were claimed first before what was read" } : {}),
    },
    ...ORDERS_OF_PRODUCTS.map((by, at) => productCheck(by, lake, served.products[at]?.items ?? [])),
    {
      report: "funnel",
      lake: funnelFigures(lake),
      served: funnelFigures(funnel),
      ...errorOf(funnel),
    },
    {
      report: "sessions",
      lake: sessionFigures(lake.sessions, sessions.exact),
      served: sessionFigures(sessions.totals, sessions.exact),
      ...errorOf(sessions),
    },
    outcomeCheck(served.recommendations, lake, settled.isCutShort),
  ];
  return checks;
}

/** Money and carts of a sample are not those of all. */
function outcomeCheck(served: RecommendationsReport, { outcome }: Recomputed, isCutShort: boolean): Check {
  const report = "recommendations";
  const nothing = { report, lake: new Map(), served: new Map() };
  if (!served.exact) return { ...nothing, leftOut: "visitors are sampled" };
  if (served.totals.dropped > 0) return { ...nothing, leftOut: "touches over the bound of a visitor" };
  return {
    report,
    lake: outcomeFigures(outcome),
    served: outcomeFigures(servedOutcome(served)),
    ...(isCutShort ? { leftOut: "orders that were claimed first before what was read" } : {}),
  };
}

/** A count of the ledger may have grown while the reports were read; then the report's is one between. */
function between(
  { ledgerBefore, ledgerAfter }: Omit<ReportsSettled, "served">,
  name: "quarantined" | "duplicate",
  served: number,
): number {
  return Math.min(Math.max(served, ledgerBefore.totals[name]), ledgerAfter.totals[name]);
}

function productCheck(
  by: (typeof ORDERS_OF_PRODUCTS)[number],
  lake: Recomputed,
  items: readonly ProductRow[],
): Check {
  const report = `top-products by ${by}`;
  const isNamed = lake.crowdedHours === 0;
  const named = (rows: readonly ProductRow[]): ProductRow[] =>
    isNamed ? [...rows] : rows.map(({ name: _, ...row }) => row);
  const expected = named(lake.products(by));
  const given = named(items);
  const unnamed = `names: ${lake.crowdedHours} hours have more items than are named`;
  if (lake.crowdedMinutes === 0)
    return {
      report,
      lake: productFigures(expected),
      served: productFigures(given),
      ...(isNamed ? {} : { leftOut: unnamed }),
    };
  const counted = `views and carts: ${lake.crowdedMinutes} minutes have more items than are counted by name`;
  const leftOut = isNamed ? counted : `${counted}; ${unnamed}`;
  if (by === "views" || by === "carts") return { report, lake: new Map(), served: new Map(), leftOut };
  const bare = (row: ProductRow): ProductRow => ({ ...row, views: 0, carts: 0 });
  return {
    report,
    lake: productFigures(expected.map(bare)),
    served: productFigures(given.map(bare)),
    leftOut,
  };
}

import type { LedgerAnswer } from "../../../collector/event/ledger.ts";
import type { LiveEvent, LiveMessage } from "../../../collector/event/live.ts";
import type {
  Amount,
  ProductRow,
  RecommendationsReport,
  Report,
  ReportHead,
  ReportName,
} from "../../../collector/event/report.ts";

const MINUTE_MS = 60_000;

/** A believable afternoon of a shop for the sea; the same for the same `atMs`. */
export function sampleMessage(atMs: number): LiveMessage {
  const currentMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  return {
    type: "state",
    site: "demo",
    atMs,
    visitorsNow: 148,
    today: {
      pv: 48_213,
      uv: 9_417,
      sessions: 11_302,
      events: 131_950,
      orders: 412,
      gmv: [amount("EUR", 3_184_275, 371), amount("USD", 294_110, 38), amount("JPY", 41_800, 3)],
    },
    minutes: Array.from({ length: 30 }, (_, at) => {
      const wave = 96 + 46 * Math.sin(at / 4.1) + 17 * Math.sin(at * 1.7) + (at > 18 ? 58 : 0);
      const pv = Math.round(at === 29 ? wave * 0.4 : wave);
      return { startMs: currentMs - (29 - at) * MINUTE_MS, pv, uv: Math.round(pv * 0.42), gmv: [] };
    }),
    top: PRODUCTS.slice(0, 5),
    funnel: [
      { name: "session_start", sessions: 1_284 },
      { name: "view_item", sessions: 802 },
      { name: "add_to_cart", sessions: 211 },
      { name: "begin_checkout", sessions: 96 },
      { name: "purchase", sessions: 57 },
    ],
    newest: sampleEvents(atMs),
    freshnessMs: 1_800,
    quarantinedToday: 3,
  };
}

export function emptyMessage(atMs: number): LiveMessage {
  const today = { pv: 0, uv: 0, sessions: 0, events: 0, orders: 0, gmv: [] };
  const funnel = sampleMessage(atMs).funnel.map(({ name }) => ({ name, sessions: 0 }));
  return {
    ...sampleMessage(atMs),
    visitorsNow: 0,
    today,
    minutes: [],
    top: [],
    funnel,
    newest: [],
    freshnessMs: null,
    quarantinedToday: 0,
  };
}

export function sampleReport(name: ReportName, search: URLSearchParams, nowMs: number): Report {
  const message = sampleMessage(nowMs);
  const { gmv, orders } = message.today;
  const now = new Date(nowMs).toISOString();
  const from = search.get("from") ?? now;
  const head = {
    site: "demo",
    from,
    to: now,
    generatedAt: now,
    freshUntil: now,
    exact: true,
    relativeError: 0,
  };
  const counts = { pv: 48_213, uv: 9_417, sessions: 11_302, events: 131_950 };
  switch (name) {
    case "overview":
      return {
        report: name,
        ...head,
        totals: { ...counts, orders, gmv, basis: "claimed", late: 12, quarantined: 3, duplicate: 87 },
      };
    case "traffic":
      return {
        report: name,
        ...head,
        totals: counts,
        windows: message.minutes.map(({ startMs, pv, uv }) => ({
          start: new Date(startMs).toISOString(),
          pv,
          uv,
          sessions: uv,
          events: pv * 3,
        })),
      };
    case "sales":
      return { report: name, ...head, basis: "claimed", totals: { orders, gmv } };
    case "top-products": {
      const by = search.get("by") ?? "views";
      const value = (row: ProductRow) =>
        by === "units" ? row.units : by === "revenue" ? (row.revenue[0]?.valueMinor ?? 0) : row.views;
      const items = [...PRODUCTS]
        .sort((a, b) => value(b) - value(a))
        .slice(0, Number(search.get("limit") ?? 10));
      return { report: name, ...head, by: by as "views", items };
    }
    case "sessions":
      return {
        report: name,
        ...head,
        gapMs: 1_800_000,
        totals: {
          sessions: 11_410,
          averageLengthMs: 254_000,
          pagesPerSession: 4.2,
          pv: counts.pv,
          uv: counts.uv,
        },
      };
    case "recommendations":
      return { report: name, ...head, ...sampleOutcome() };
    case "funnel":
      return {
        report: name,
        ...head,
        steps: message.funnel.map((step) => ({ ...step, sessions: step.sessions * 9, rate: 0 })),
      };
  }
}

function sampleOutcome(): Omit<RecommendationsReport, keyof ReportHead> {
  const counts = {
    impressions: 18_204,
    clicks: 1_311,
    ctr: 0.072,
    carts: 402,
    orders: 97,
    units: 121,
    revenue: [{ currency: "EUR", valueMinor: 903_450 }],
  };
  return {
    basis: "claimed",
    attributionWindowMs: 86_400_000,
    by: "placement",
    totals: { ...counts, dropped: 0 },
    rows: [
      { placement: "product", ...counts, impressions: 12_000 },
      { placement: "a-placement-with-quite-a-long-name-of-its-own", ...counts, impressions: 6_204 },
    ],
    quality: {
      isFromLake: false,
      totals: {
        clicks: 61_200,
        tested: 15_314,
        testedShare: 0.2502,
        hr20: 0.5512,
        hr20StandardError: 0.004,
        mrr20: 0.2091,
        mrr20StandardError: 0.0027,
        served: {
          tested: 14_008,
          hr20: 0.4811,
          hr20StandardError: 0.0042,
          mrr20: 0.1702,
          mrr20StandardError: 0.0026,
        },
        coverage: 0.9312,
        itemsListed: 172,
        itemsKnown: 185,
        popularityBias: 0.0871,
      },
      hours: [],
      shards: [],
    },
    comparison: {
      alpha: 0.05,
      visitors: { model: 4_210, control: 466, both: 3 },
      metrics: [
        {
          metric: "conversion",
          model: 0.048,
          control: 0.0394,
          difference: { value: 0.0086, low: -0.021, high: 0.0382 },
          lift: { value: 0.218, low: -0.34, high: 1.25 },
        },
        {
          metric: "revenuePerVisitor",
          currency: "EUR",
          model: 512,
          control: 301,
          difference: { value: 211, low: 24, high: 398 },
          lift: { value: 0.701, low: 0.05, high: 1.756 },
        },
        {
          metric: "ctr",
          model: 0.072,
          control: 0,
          difference: { value: 0.072, low: null, high: null },
          lift: null,
        },
      ],
    },
  };
}

function amount(currency: string, valueMinor: number, orders: number): Amount {
  const major = currency === "JPY" ? String(valueMinor) : (valueMinor / 100).toFixed(2);
  return { currency, valueMinor, amount: major, orders };
}

const PRODUCTS: ProductRow[] = [
  ["p-104", "Oilskin Jacket, Harbour Yellow", 318, 61, 24, 431_760],
  ["p-017", "Brass Ship Lantern", 276, 38, 11, 97_790],
  ["p-088", "Merino Watch Cap", 251, 74, 52, 150_800],
  ["p-141", "Deck Boots, Non-Marking Sole, Wide Fit, Storm Grey", 204, 29, 9, 116_910],
  ["p-033", "Tide Clock, Atlantic", 189, 22, 7, 62_300],
  ["p-002", "Canvas Sea Bag 60 l", 171, 31, 14, 124_600],
  ["p-121", "Marlinspike with Lanyard", 133, 18, 16, 47_200],
  ["p-075", "Waxed Thread, 3 Spools", 121, 40, 38, 45_220],
  ["p-190", "Pea Coat", 117, 12, 4, 99_600],
  ["p-063", "Chart of the Skerries, 1871", 98, 9, 3, 13_470],
].map(([itemId, name, views, carts, units, revenue]) => ({
  itemId: String(itemId),
  name: String(name),
  views: Number(views),
  carts: Number(carts),
  units: Number(units),
  revenue: [{ currency: "EUR", valueMinor: Number(revenue) }],
}));

const EVENTS: Omit<LiveEvent, "stream" | "seq" | "occurredAtMs" | "receivedAtMs">[] = [
  { name: "view_item", itemId: "p-104", itemName: "Oilskin Jacket, Harbour Yellow" },
  { name: "page_view", path: "/demo/c/lanterns" },
  { name: "purchase", amount: "129.90", currency: "EUR" },
  { name: "search", searchTerm: "brass lantern with a very long wish attached to it" },
  { name: "add_to_cart", itemId: "p-088", itemName: "Merino Watch Cap" },
  { name: "view_item_list", path: "/demo/c/outerwear" },
  { name: "begin_checkout", path: "/demo/checkout" },
  { name: "view_item", itemId: "p-141", itemName: "Deck Boots, Non-Marking Sole, Wide Fit, Storm Grey" },
  { name: "select_item", itemId: "p-017", itemName: "Brass Ship Lantern" },
  { name: "newsletter_signup", path: "/demo/" },
];

function sampleEvents(atMs: number): LiveEvent[] {
  return Array.from({ length: 20 }, (_, at) => {
    const event = EVENTS[at % EVENTS.length] ?? { name: "page_view" };
    const occurredAtMs = atMs - 1_800 - at * 1_400;
    return { ...event, stream: `s${at % 7}`, seq: 100 - at, occurredAtMs, receivedAtMs: occurredAtMs + 300 };
  });
}

/** The ledger of a range in which everything happened that should. */
export function sampleLedger(): LedgerAnswer {
  return {
    site: "demo",
    from: "2026-11-22T00:00:00.000Z",
    to: "2026-11-23T00:00:00.000Z",
    generatedAt: "2026-11-22T12:00:00.000Z",
    rows: [],
    totals: {
      received: 1_200,
      accepted: 1_150,
      duplicate: 40,
      quarantined: 10,
      refused: 0,
      visible: 1_150,
      late: 3,
      pendingLake: 0,
      lostInPage: {},
    },
    requestsRefused: { atLeast: true, codes: {}, shed: {} },
    pendingLake: 0,
    inFlight: 0,
    balanced: true,
  };
}

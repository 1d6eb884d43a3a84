import { expect, test } from "vitest";
import type { OverviewReport } from "../../collector/event/report.ts";
import { collectorApi, reportSearch } from "./api.ts";

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const requests: { path: string; authorization: string | null }[] = [];
  const fetcher = async (path: string, init: RequestInit) => {
    requests.push({ path, authorization: new Headers(init.headers).get("authorization") });
    return new Response(JSON.stringify(body), { status, headers });
  };
  return { fetcher: fetcher as unknown as typeof fetch, requests };
}

test("the key travels in the header and never in the address", async () => {
  const { fetcher, requests } = answering(200, { ticket: "t1", expiresAtMs: 1 });
  expect(await collectorApi("rk_demo", fetcher).ticket()).toEqual({ outcome: "ok", value: "t1" });
  expect(requests).toEqual([{ path: "/v1/tickets", authorization: "Bearer rk_demo" }]);
});

test("a refused key carries the code of the problem", async () => {
  const { fetcher } = answering(401, { type: "https://tidemark.dev/problems/key_unknown", status: 401 });
  expect(await collectorApi("rk_no", fetcher).ticket()).toEqual({
    outcome: "refused",
    status: 401,
    code: "key_unknown",
  });
});

test("an overloaded collector says when to come back", async () => {
  const { fetcher } = answering(503, { type: "x/overloaded" }, { "retry-after": "7" });
  expect(await collectorApi("rk_demo", fetcher).ticket()).toEqual({
    outcome: "retry",
    afterMs: 7000,
    reason: "overloaded",
  });
});

test("an unreachable collector is worth another try", async () => {
  const fetcher = (async () => {
    throw new TypeError("Failed to fetch");
  }) as unknown as typeof fetch;
  expect(await collectorApi("rk_demo", fetcher).ticket()).toMatchObject({
    outcome: "retry",
    reason: "unreachable",
  });
});

test("an answer that is not the report asked for is not taken for one", async () => {
  const { fetcher } = answering(200, "<html>a captive portal</html>");
  expect(await collectorApi("rk_demo", fetcher).report<OverviewReport>("overview", {})).toMatchObject({
    outcome: "retry",
    reason: "serverError",
  });
});

test("a query has only what was asked", () => {
  expect(reportSearch({})).toBe("");
  expect(reportSearch({ window: "minute" })).toBe("?window=minute");
  expect(reportSearch({ fromMs: 0, by: "units", limit: 10 })).toBe(
    "?from=1970-01-01T00%3A00%3A00.000Z&by=units&limit=10",
  );
});

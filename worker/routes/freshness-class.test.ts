import { expect, test } from "vitest";
import { cacheControl } from "./freshness-class.ts";

test("a list is kept by the browser alone, only where the caller allowed it, and never one of a session", () => {
  expect(cacheControl(undefined, "seconds")).toBe("no-store");
  expect(cacheControl("live", "seconds")).toBe("no-store");
  expect(cacheControl("daily", "live")).toBe("no-store");
  expect(cacheControl("seconds", "seconds")).toBe("private, max-age=10, stale-while-revalidate=50");
  expect(cacheControl("hourly", "seconds")).toBe("private, max-age=600, stale-while-revalidate=3000");
  expect(cacheControl("daily", "hourly")).toBe("private, max-age=3600, stale-while-revalidate=82800");
});

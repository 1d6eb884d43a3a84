import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { AppContext, AppEnv } from "./context.ts";
import { addHeaders } from "./headers.ts";

describe("a header that is added to a finished answer", () => {
  const app = new Hono<AppEnv>();
  app.use(async (c: AppContext, next) => {
    await next();
    addHeaders(c, { "x-one": "1", "x-two": "2" });
  });
  app.get("/own", (c) => c.json({ own: true }, 201));
  // Nobody may change the headers of such an answer.
  app.get("/given", () => Response.redirect("https://shop.example/"));

  it.each([
    ["/own", 201],
    ["/given", 302],
  ])("is there on %s", async (path, status) => {
    const answer = await app.request(path);
    expect(answer.status).toBe(status);
    expect([answer.headers.get("x-one"), answer.headers.get("x-two")]).toEqual(["1", "2"]);
  });

  it("leaves the answer itself alone", async () => {
    expect(await (await app.request("/own")).json()).toEqual({ own: true });
    expect((await app.request("/given")).headers.get("location")).toBe("https://shop.example/");
  });
});

import { OpenAPIHono } from "@hono/zod-openapi";
import { beforeAll, describe, expect, it } from "vitest";
import wireFormat from "../docs/wire-format.md?raw";
import { documentPath, KEY_ROLES, type KeyRole, SCOPES } from "./access.ts";
import { createApp } from "./app.ts";
import type { AppEnv } from "./context.ts";
import { guard } from "./guard.ts";
import { keyHash } from "./key-hash.ts";
import { batchOf, bearer, event, send } from "./testing/client.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";

const CANARY = "canary-of-the-shop";
const HOUR_MS = 3_600_000;
const METHODS = ["get", "post", "put", "patch", "delete"];

/** A second key of a role, with what is given. */
function key(role: KeyRole, name: string, more: object) {
  const text = keyOf(`${name}_shop`, role);
  return { text, entry: { kid: `${name}-${role}`, role, ...more, ...credential(role, text) } };
}
const credential = (role: KeyRole, text: string) =>
  role === "write" ? { key: text } : { sha256: keyHash(text) };

const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString();
const EXPIRED = KEY_ROLES.map((role) => key(role, "old", { expiresAt: at(-HOUR_MS) }));
const EARLY = KEY_ROLES.map((role) => key(role, "early", { notBefore: at(HOUR_MS) }));
const NARROW = SCOPES.flatMap((scope) => KEY_ROLES.map((role) => key(role, scope, { scopes: [scope] })));

const shop = siteConfig({ id: "shop" }) as { keys: object[] };
shop.keys.push(...[...EXPIRED, ...EARLY, ...NARROW].map(({ entry }) => entry));
const BINDINGS = deployed(shop, siteConfig({ id: "other" }));

interface Operation {
  name: string;
  method: string;
  path: string;
  roles: string[];
  scope: string | undefined;
}

let operations: Operation[] = [];

beforeAll(async () => {
  const document = (await (await send("/openapi.json")).json()) as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        roles: operation["x-tidemark-roles"] as string[],
        scope: operation["x-tidemark-scope"] as string | undefined,
      })),
  );
  const body = batchOf([
    event({ name: "view_item", title: CANARY, items: [{ itemId: CANARY }] }),
    event({ name: "view_item", title: CANARY, currency: "EUX", value: 1 }),
  ]);
  const planted = await send(`/v1/batches?key=${keyOf("shop", "write")}`, { method: "POST", body }, BINDINGS);
  expect(planted.status).toBe(200);
});

/** What the guard says to a call: the code of its refusal, or "in". */
async function call({ method, path }: Operation, init: RequestInit, query = ""): Promise<string> {
  const url = `${path.replaceAll(/\{\w+\}/g, "x")}${query}`;
  const answer = await send(url, { method, ...(method === "GET" ? {} : { body: "{}" }), ...init }, BINDINGS);
  const text = await answer.text();
  expect(answer.status, `${method} ${url}`).not.toBe(500);
  const code = /"type":"[^"]*\/([a-z_]+)"/.exec(text)?.[1] ?? "";
  const isRefusal = /^(key_|scope_|ticket_)/.test(code);
  expect(isRefusal).toBe([401, 403].includes(answer.status));
  if (isRefusal) {
    const status = ["key_forbidden", "scope_missing"].includes(code) ? 403 : 401;
    expect(answer.status).toBe(status);
    return code;
  }
  return text.includes(CANARY) ? "in, and sees the shop" : "in";
}

const isKeyed = ({ roles }: Operation) => !roles.includes("public") && !roles.includes("ticket");

describe("the document", () => {
  it("has every route, and says of each who may call it", () => {
    const described = new Set(operations.map(({ name }) => name));
    const routes = createApp().routes.filter(({ method }) => method !== "ALL");
    for (const { method, path } of routes) expect(described).toContain(`${method} ${documentPath(path)}`);
    for (const { name, roles, scope } of operations) {
      expect(roles, name).not.toHaveLength(0);
      for (const role of roles) expect([...KEY_ROLES, "public", "ticket"], name).toContain(role);
      expect(scope !== undefined, name).toBe(!roles.includes("public") && !roles.includes("ticket"));
    }
  });

  it("agrees with the table for people", () => {
    const rows = operations.map(
      ({ name, roles, scope }) => `| \`${name}\` | ${roles.join(", ")} | ${scope ?? ""} |`,
    );
    const section = wireFormat.split("### Who may call what")[1]?.split("\n#")[0] ?? "";
    const written = section.split("\n").filter((line) => line.startsWith("| `"));
    expect(written.sort()).toEqual(rows.sort());
  });
});

describe("every route", () => {
  it("takes keys of its roles and no others", async () => {
    for (const operation of operations.filter(isKeyed)) {
      expect(await call(operation, {}), operation.name).toBe("key_missing");
      expect(await call(operation, bearer("x".repeat(44))), operation.name).toBe("key_unknown");
      for (const role of KEY_ROLES) {
        const said = await call(operation, bearer(keyOf("shop", role)));
        const expected = operation.roles.includes(role) ? /^in/ : /^key_forbidden$/;
        expect(said, `${operation.name} with ${role}`).toMatch(expected);
      }
    }
  });

  it("shows nothing of the shop to the keys of another site", async () => {
    let seen = 0;
    for (const operation of operations) {
      for (const role of KEY_ROLES) {
        const said = await call(operation, bearer(keyOf("other", role)));
        expect(said, `${operation.name} with ${role}`).not.toContain("sees the shop");
        if ((await call(operation, bearer(keyOf("shop", role)))).includes("sees the shop")) seen++;
      }
    }
    // Otherwise the search above would find nothing whatever happened.
    expect(seen).toBeGreaterThan(0);
  });

  it("knows no key before its time or after it", async () => {
    for (const operation of operations.filter(isKeyed))
      for (const { text } of [...EXPIRED, ...EARLY])
        expect(await call(operation, bearer(text)), operation.name).toBe("key_expired");
  });

  it("takes a narrowed key for its scope alone", async () => {
    for (const operation of operations.filter(isKeyed)) {
      for (const { text, entry } of NARROW) {
        if (!operation.roles.includes(entry.role)) continue;
        const isRight = text.includes(`_${operation.scope}_`);
        const said = await call(operation, bearer(text));
        expect(said, `${operation.name} with ${entry.kid}`).toMatch(isRight ? /^in/ : /^scope_missing$/);
      }
    }
  });

  it("refuses a secret in its URL, whatever the parameter, even beside a right key", async () => {
    for (const operation of operations.filter(isKeyed)) {
      const right = keyOf("shop", operation.roles[0] as KeyRole);
      for (const role of ["read", "admin", "connector"] as const) {
        for (const name of ["key", "token"]) {
          const query = `?${name}=${keyOf("shop", role)}`;
          expect(await call(operation, {}, query), operation.name).toBe("key_forbidden");
          expect(await call(operation, bearer(right), query), operation.name).toBe("key_forbidden");
        }
      }
      const said = await call(operation, {}, `?key=${keyOf("shop", "write")}`);
      expect(said, operation.name).toMatch(operation.roles.includes("write") ? /^in/ : /^key_missing$/);
    }
  });

  it("that is public needs none, and one behind a ticket takes no key in its place", async () => {
    for (const operation of operations.filter((one) => !isKeyed(one))) {
      const expected = operation.roles.includes("ticket") ? "ticket_invalid" : "in";
      expect(await call(operation, {}), operation.name).toBe(expected);
      for (const role of KEY_ROLES)
        expect(await call(operation, bearer(keyOf("shop", role))), operation.name).toBe(expected);
    }
  });
});

describe("a route that nobody described", () => {
  it("is not there, whatever key comes", async () => {
    const app = new OpenAPIHono<AppEnv>();
    app.use(guard(app));
    app.get("/v1/forgotten", (c) => c.text("secrets"));
    const answer = await app.request("/v1/forgotten", bearer(keyOf("shop", "admin")), BINDINGS);
    expect(await answer.text()).not.toContain("secrets");
    expect(answer.ok).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { readJsonBody } from "../body.ts";
import { Problem } from "../problem.ts";
import { batchOf, bearer, event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const SITES = deployed(siteConfig({ id: "forged" }), siteConfig({ id: "forged-2" }));
const UPGRADE = { headers: { upgrade: "websocket" } };

async function ticketOf(site: string): Promise<string> {
  const answer = await send("/v1/tickets", { ...bearer(keyOf(site, "read")), method: "POST" }, SITES);
  return ((await answer.json()) as { ticket: string }).ticket;
}

describe("a ticket", () => {
  it("opens what it is for, also again within its minute", async () => {
    const ticket = await ticketOf("forged");
    for (let times = 0; times < 2; times++) {
      const answer = await send(`/v1/live?ticket=${ticket}`, UPGRADE, SITES);
      expect(answer.status).toBe(101);
      answer.webSocket?.accept();
      answer.webSocket?.close();
    }
  });

  const forgeries: [what: string, forge: (ticket: string) => string][] = [
    ["for another site", (ticket) => ticket.replace("forged.", "forged-2.")],
    ["for longer", (ticket) => ticket.replace(/\.(\d{13})\./, (_, atMs: string) => `.${Number(atMs) + 1}.`)],
    ["that has expired", (ticket) => ticket.replace(/\.\d{13}\./, ".1000000000000.")],
    ["with a signature of zeros", (ticket) => ticket.replace(/[0-9a-f]{64}$/, "0".repeat(64))],
    [
      "with one bit of its signature turned",
      (ticket) => ticket.slice(0, -1) + (ticket.endsWith("0") ? "1" : "0"),
    ],
    ["with half a signature", (ticket) => ticket.slice(0, -32)],
    [
      "with a signature in capitals",
      (ticket) => ticket.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase().replace(/^\d/, "A")),
    ],
    ["of a site with a dot in it", (ticket) => `forged.${ticket}`],
    ["without a site", (ticket) => ticket.slice("forged".length)],
    ["that is empty", () => ""],
  ];

  it.each(forgeries)("%s opens nothing", async (_, forge) => {
    const forged = forge(await ticketOf("forged"));
    expect(await problemOf(await send(`/v1/live?ticket=${forged}`, UPGRADE, SITES))).toEqual([
      401,
      "ticket_invalid",
    ]);
  });

  it("is no key, and a key is no ticket", async () => {
    const ticket = await ticketOf("forged");
    expect(await problemOf(await send("/v1/ledger", bearer(ticket), SITES))).toEqual([401, "key_unknown"]);
    const key = keyOf("forged", "read");
    expect(await problemOf(await send(`/v1/live?ticket=${key}`, UPGRADE, SITES))).toEqual([
      401,
      "ticket_invalid",
    ]);
  });
});

describe("a cursor that somebody made", () => {
  it.each(["9999999999999999-999999", "0-0", "_._._._._._", "1-1.1-1.1-1", `${"_.".repeat(63)}1-1`])(
    "%s shows rows of the own site only",
    async (before) => {
      const body = batchOf([event({ occurredAtMs: 5 })], {
        key: keyOf("forged-2", "write"),
        session: "of the other",
      });
      await send("/v1/batches", { method: "POST", body }, SITES);
      const answer = await send(`/v1/quarantine?before=${before}`, bearer(keyOf("forged", "admin")), SITES);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain("of the other");
    },
  );

  it.each(["-1-0", "1", "1-1,2-2", "0-0'--", `${"_.".repeat(64)}_`, "99999999999999999-0", "%F0"])(
    "%s is refused",
    async (before) => {
      const answer = await send(`/v1/quarantine?before=${before}`, bearer(keyOf("forged", "admin")), SITES);
      expect(await problemOf(answer)).toEqual([400, "query_invalid"]);
    },
  );
});

describe("a body that never ends", () => {
  const dripping = (headers: Record<string, string>): Request =>
    new Request("http://x/", {
      method: "POST",
      body: new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          controller.enqueue(new TextEncoder().encode(" "));
        },
      }),
      headers,
    });

  it.each([{}, { "content-length": "1000" }])(
    "is given up after a while, announced as %j",
    async (headers) => {
      const read = readJsonBody(dripping(headers), false, 100);
      await expect(read).rejects.toThrow(Problem);
      await expect(read).rejects.toMatchObject({ code: "body_too_slow" });
    },
  );
});

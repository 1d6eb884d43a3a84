import { describe, expect, it } from "vitest";
import { batchOf, event, post, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const CARD = "4111111111111111";
const SHARDS = deployed(siteConfig({ id: "private-ids", shards: 4 }));
const KEY = `key=${keyOf("private-ids", "write")}`;

function sendBatch(session: string, streamOf: string, events: unknown[]): Promise<Response> {
  const body = batchOf(events, { key: keyOf("private-ids", "write"), session, stream: streamOf });
  return send("/v1/batches", { method: "POST", body }, SHARDS);
}

describe("a session id that could be a card number", () => {
  it("is accepted, found by the probe under the same id, and never said again", async () => {
    expect(await (await sendBatch(CARD, `5555555555554444`, [event(), event()])).json()).toMatchObject({
      accepted: 2,
      quarantined: 0,
    });
    const answer = await send(`/v1/batches/5555555555554444?${KEY}&session=${CARD}`, {}, SHARDS);
    const { stream, ranges } = (await answer.json()) as { stream: string; ranges: unknown };
    expect(ranges).toEqual([[0, 1]]);
    expect(stream).toMatch(/^\[masked\][\w-]{16}$/);
  });

  it("has its own recommendations", async () => {
    const view = (itemId: string) => event({ name: "view_item", itemId });
    for (let n = 0; n < 20; n++) {
      await post(batchOf([view("pair-a"), view("pair-b")]));
      await post(batchOf([view(`other-${n}`)]));
    }
    await post(batchOf([view("pair-a")], { session: CARD }));
    const asked = await send(`/v1/recommendations?key=wk_demo&session=${CARD}&limit=1`);
    expect(await asked.json()).toMatchObject({
      items: [{ id: "pair-b", reason: expect.not.stringMatching("trending") }],
    });
  });

  it.each(["%00", "a%0Ab", "%20", "a".repeat(129)])("%s is no session for anybody", async (session) => {
    for (const path of [`/v1/recommendations?${KEY}&`, `/v1/batches/st?${KEY}&`])
      expect(await problemOf(await send(`${path}session=${session}`, {}, SHARDS))).toEqual([
        400,
        "query_invalid",
      ]);
  });
});

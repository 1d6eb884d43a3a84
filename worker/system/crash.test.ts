import { expect, test } from "vitest";
import { runCampaign } from "../../scripts/crash/campaign.ts";
import { summaryLines } from "../../scripts/crash/summary.ts";
import { SEAMS } from "../testing/faults.ts";
import { System } from "./system.ts";

const CAMPAIGN_MS = 300_000;
/** Nothing under load deletes parts yet. */
const NOT_MET = /^delete /;

test(
  "what has a receipt is in lake and reports once, after kills at every seam, a bad network and a bad bucket",
  async () => {
    const seed = Date.now() % 2 ** 32;
    const result = await runCampaign({
      seed,
      kills: 3,
      seamKills: 1,
      copies: 0,
      withTcpFaults: true,
      withBucketFaults: true,
      rate: 1_000,
      shards: [1, 2],
      isUpgrade: false,
      checkEvery: 100,
      say: () => {},
    });
    const summary = summaryLines(`npm run crash -- --kills 3 --seams 1 --seed ${seed}`, result).join("\n");
    expect(result.problems, summary).toEqual([]);
    expect(result.kills).toBe(3 + SEAMS.length);
    expect(result.last?.counted.acknowledged).toBeGreaterThan(500);
    const unmet = [...result.met].filter(([, times]) => times === 0).map(([name]) => name);
    expect(unmet.filter((name) => !NOT_MET.test(name))).toEqual([]);
  },
  CAMPAIGN_MS,
);

test("kill -9 of workerd alone ends the host with a message, and loses nothing", async () => {
  await using system = await System.start();
  const event = { name: "page_view", occurredAtMs: Date.now() };
  await system.send({ session: "s", stream: "s.1", seq: 0, events: [event, event] });
  expect(await system.killRuntime()).toContain("workerd ended unexpectedly (SIGKILL)");

  await system.restart();
  expect((await system.report("overview")).totals).toMatchObject({ events: 2, pv: 2 });
});

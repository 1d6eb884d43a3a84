import { expect, test } from "vitest";
import { SEAMS } from "../../worker/testing/faults.ts";
import { seeded } from "../shopper/seeded.ts";
import { readArguments } from "./arguments.ts";
import { planLives } from "./plan.ts";
import { TCP_FAULTS } from "./tcp-proxy.ts";

const ALL = {
  kills: 30,
  seamKills: 3,
  copies: 4,
  shards: [1, 2, 4],
  isUpgrade: false,
  withTcpFaults: true,
  withBucketFaults: true,
};

test("a seed gives the same lives", () => {
  expect(planLives(ALL, seeded(7))).toEqual(planLives(ALL, seeded(7)));
  expect(planLives(ALL, seeded(7))).not.toEqual(planLives(ALL, seeded(8)));
});

test("each seam has its kills, each fault its turn, and the copies are spread", () => {
  const lives = planLives(ALL, seeded(1));
  expect(lives).toHaveLength(30 + 3 * SEAMS.length);
  for (const seam of SEAMS) expect(lives.filter((life) => life.seam?.name === seam)).toHaveLength(3);
  expect(lives.filter((life) => life.isCopied)).toHaveLength(4);
  expect([lives.at(0)?.mapVersions, lives.at(-1)?.mapVersions]).toEqual([1, 3]);
  const tcp = lives.flatMap((life) => life.tcp ?? []);
  expect(tcp.length).toBeGreaterThan(lives.length / 4);
  expect(tcp.flatMap(({ first }) => first)).toEqual([...TCP_FAULTS]);
  expect(lives.some((life) => life.bucket && (life.seam || life.tcp))).toBe(false);
});

test("an upgrade comes in the middle, and nothing goes back", () => {
  const builds = planLives({ ...ALL, isUpgrade: true }, seeded(1)).map((life) => life.isEarlier);
  expect(builds.indexOf(false)).toBe(Math.ceil(builds.length / 2));
  expect(builds.lastIndexOf(true)).toBe(builds.indexOf(false) - 1);
});

test("without faults there are none", () => {
  const lives = planLives({ ...ALL, withTcpFaults: false, withBucketFaults: false }, seeded(1));
  expect(lives.every((life) => !life.tcp && !life.bucket)).toBe(true);
});

test("two hundred kills come with twenty at each seam", () => {
  expect(readArguments(["--kills", "200"])).toMatchObject({
    kills: 200,
    seamKills: 20,
    copies: 10,
    shards: [1, 2, 3],
    withTcpFaults: true,
    withBucketFaults: true,
  });
});

test("what is typed wrong is named", () => {
  expect(() => readArguments(["--kills", "many"])).toThrow("--kills is many");
  expect(() => readArguments(["--faults", "tcp,rain"])).toThrow("--faults has rain");
  expect(() => readArguments(["--speed", "3"])).toThrow("--speed");
});

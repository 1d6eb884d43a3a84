import { expect, test } from "vitest";
import { GroupCommit } from "./group-commit.ts";
import type { Intake } from "./journal.ts";
import { SHARD_LIMITS } from "./shard-limits.ts";

test("readers have their turn between two commits, and batches that come meanwhile share the next one", async () => {
  const steps: string[] = [];
  const rests: (() => void)[] = [];
  const commits = new GroupCommit(
    (batches) => {
      steps.push(`commit of ${batches.length}`);
      return batches.map(() => ({ gone: true }));
    },
    SHARD_LIMITS,
    {
      sync: async () => {},
      rest: () => new Promise((resolve) => rests.push(resolve)),
      onCommitted: () => steps.push("receipts"),
      onFailed: async (error) => {
        throw error;
      },
    },
  );
  const batch = { events: [], rejects: [], count: 1 } as unknown as Intake;
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  void commits.add(batch);
  void commits.add(batch);
  await turn();
  expect(steps).toEqual(["commit of 1", "receipts"]);
  expect(rests.length).toBe(1);
  const third = commits.add(batch);
  rests[0]?.();
  await third;
  await turn();
  // Nobody waits any more, so there is nothing to rest for.
  expect(steps).toEqual(["commit of 1", "receipts", "commit of 2", "receipts"]);
  expect(rests.length).toBe(1);
});

import { setTimeout as sleep } from "node:timers/promises";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import { Api } from "../verify/api.ts";
import { LakeCopy } from "../verify/lake-copy.ts";
import { resultLines } from "../verify/result.ts";
import { verifyWith } from "../verify/verify.ts";
import { type Counted, compare, type Expected } from "./history.ts";

const REBUILD_MAX_MS = 120_000;
const POLL_MS = 50;

/** What is read of the answer of `/v1/rebuild`. */
interface RebuildAnswer {
  state: "none" | "running" | "done" | "failed";
  shards: { repaired: number }[];
}

export interface Checked {
  counted: Counted;
  ledger: LedgerAnswer["totals"];
  /** What is wrong, in words; empty when everything holds. */
  problems: string[];
}

/** Brings everything into the lake, counts each event there, and compares history, lake, ledger and reports. */
export async function check(
  origin: string,
  keys: { readKey: string; adminKey: string },
  expected: Expected,
  repeatedEvents: number,
): Promise<Checked> {
  const api = new Api(origin, keys.readKey, keys.adminKey);
  await using copy = await LakeCopy.open();
  const verified = resultLines(await verifyWith(api, copy, { dayMs: undefined, lookBackMs: 0 }, () => {}));
  const stored = new Map<string, Map<number, number>>();
  for (const { stream, seq, times } of await copy.rows<{ stream: string; seq: string; times: string }>(
    "SELECT stream, seq, count(*) AS times FROM lake GROUP BY stream, seq",
  )) {
    const events = stored.get(stream) ?? new Map<number, number>();
    stored.set(stream, events.set(Number(seq), Number(times)));
  }
  const counted = compare(expected, stored);
  const ledger = await api.ledger({});
  // Last, since a rebuild would put right what the comparison is to find.
  const rebuilt = await rebuildProblems(origin, keys.adminKey);
  const problems = [
    ...counted.examples,
    ...ledgerProblems(ledger, counted, expected, repeatedEvents),
    ...(verified.isSame ? [] : verified.lines),
    ...rebuilt,
  ];
  return { counted, ledger: ledger.totals, problems };
}

/** Made again from the lake, every hour must be what it was. */
async function rebuildProblems(origin: string, adminKey: string): Promise<string[]> {
  const ask = async (method: string): Promise<RebuildAnswer> => {
    const headers = { authorization: `Bearer ${adminKey}` };
    return (await (await fetch(`${origin}/v1/rebuild`, { method, headers })).json()) as RebuildAnswer;
  };
  // One that a kill has interrupted goes on by itself; only then does the next one begin.
  for (let begun = 0; begun < 2; begun++) {
    await ask("POST");
    for (
      const untilMs = performance.now() + REBUILD_MAX_MS;
      (await ask("GET")).state === "running";
      await sleep(POLL_MS)
    )
      if (performance.now() > untilMs) return [`the rebuild still runs after ${REBUILD_MAX_MS / 1000} s`];
  }
  const { state, shards } = await ask("GET");
  const repaired = shards.reduce((sum, shard) => sum + shard.repaired, 0);
  return state === "done" && repaired === 0
    ? []
    : [`the rebuild is ${state} and found ${repaired} hours that differ: ${JSON.stringify(shards)}`];
}

/** What is known exactly must be equal; what lost answers leave open has a smallest and a largest value. */
function ledgerProblems(
  { totals, balanced, inFlight }: LedgerAnswer,
  counted: Counted,
  { sums, unanswered }: Expected,
  repeatedEvents: number,
): string[] {
  const { received, accepted, duplicate, quarantined, refused } = totals;
  const problems: string[] = [];
  const within = (name: string, count: number, least: number, most: number): void => {
    if (count < least || count > most)
      problems.push(`the ledger counts ${count} ${name}, the history allows ${least} to ${most}`);
  };
  if (!balanced) problems.push(`the ledger is not balanced: ${JSON.stringify(totals)}`);
  if (inFlight !== 0) problems.push(`the ledger says that ${inFlight} events wait, although nothing is sent`);
  within("accepted events", accepted, counted.stored, counted.stored);
  within(
    "quarantined events",
    quarantined,
    counted.quarantined,
    counted.quarantined + counted.quarantinedMaybe,
  );
  within("duplicates", duplicate, sums.duplicate, sums.duplicate + unanswered + repeatedEvents);
  within("refused events", refused, 0, 0);
  within("received events", received, accepted + duplicate + quarantined, accepted + duplicate + quarantined);
  return problems;
}

import type { DropOutcome, ReplayOutcome } from "../../../collector/event/quarantine.ts";
import type { Answer } from "../api.ts";
import { formatCount } from "../format.ts";

/** What the collector said about one event, in a sentence. */
export function replayText(result: ReplayOutcome): string {
  switch (result.outcome) {
    case "replayed":
      return "Replayed: it counts now.";
    case "duplicate":
      return "It was replayed before and counts already; nothing was counted twice.";
    case "rejected":
      return `Still rejected: ${result.code} at ${result.pointer || "the event itself"}.`;
    case "cut":
      return "What is kept is only a part of the event: write the whole event to replay it.";
    case "dropped":
      return "Somebody dropped it before.";
    case "unknown":
      return "It is not in the quarantine any more.";
    case "refused":
      return `The collector has no room for it now (${result.code}); it stays open.`;
  }
}

export function dropText({ outcome }: DropOutcome): string {
  switch (outcome) {
    case "dropped":
      return "Dropped.";
    case "duplicate":
      return "It was dropped before.";
    case "replayed":
      return "It was replayed before, so it cannot be dropped.";
    case "busy":
      return "It is being replayed at this moment.";
    case "unknown":
      return "It is not in the quarantine any more.";
  }
}

/** How many of each, the most first: `34 replayed, 5 rejected (currency_missing 5)`. */
export function summaryText(results: readonly (ReplayOutcome | DropOutcome)[]): string {
  if (results.length === 0) return "Nothing was open.";
  const codes = results.flatMap((result) => (result.outcome === "rejected" ? [result.code] : []));
  const detail = counts(codes)
    .map(([code, count]) => `${code} ${formatCount(count)}`)
    .join(", ");
  return `${counts(results.map(({ outcome }) => outcome))
    .map(([outcome, count]) => {
      const words = outcome === "rejected" ? `still rejected (${detail})` : outcome;
      return `${formatCount(count)} ${words}`;
    })
    .join(", ")}.`;
}

function counts(names: readonly string[]): [name: string, count: number][] {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1]);
}

/** Why an answer did not come, and what to do. */
export function troubleText(answer: Exclude<Answer<unknown>, { outcome: "ok" }>): string {
  if (answer.outcome === "refused") return `The collector refused that (${answer.code}).`;
  switch (answer.reason) {
    case "unreachable":
      return "The collector does not answer. What was replayed or dropped before stays so.";
    case "overloaded":
      return "The collector has too much to do at the moment.";
    case "serverError":
      return "The collector made a mistake. It is safe to try again: nothing counts twice.";
  }
}

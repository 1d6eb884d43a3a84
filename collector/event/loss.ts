/**
 * Why a page gave events up, in its own words (docs/sdk.md). A closed set, so that nobody can fill the ledger with
 * names; what is not in it counts as "other". Only ever added to: state holds the places in this list.
 */
export const LOSS_REASONS = [
  "other",
  "unserializable",
  "outbox_full",
  "memory_full",
  "http_400",
  "http_401",
  "http_403",
  "http_404",
  "http_410",
  "http_413",
  "sampled",
  "log_full",
  "logs_full",
  "damaged",
] as const;
export type LossReason = (typeof LOSS_REASONS)[number];

/** Events by the reason for which a page gave them up. */
export type Losses = Partial<Record<LossReason, number>>;

export function isLossReason(text: string): text is LossReason {
  return (LOSS_REASONS as readonly string[]).includes(text);
}

/** The larger count of each reason. */
export function mostLost(a: Losses, b: Losses): Losses {
  const most = { ...a };
  for (const [reason, events] of Object.entries(b) as [LossReason, number][])
    most[reason] = Math.max(most[reason] ?? 0, events);
  return most;
}

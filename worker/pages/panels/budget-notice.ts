import type { BudgetAnswer, BudgetPart } from "../../../collector/event/budget.ts";
import type { Api } from "../api.ts";
import { byId, setText } from "../dom.ts";

/** A budget is of a day; a minute is soon enough, and is one small question. */
const REFRESH_MS = 60_000;

const PART_NAMES: Record<BudgetPart, string> = {
  events: "events",
  batches: "batches",
  spreadHours: "hours of the past",
};

/** Tells the shop when its budget of the day is used up, since its numbers stand still then. */
export class BudgetNotice {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** An answer to an older question than this is not drawn: it may be of another site. */
  #question = 0;

  start(api: Api): void {
    this.pause();
    void this.#refresh(api);
  }

  pause(): void {
    this.#question++;
    clearTimeout(this.#timer);
  }

  async #refresh(api: Api): Promise<void> {
    const question = this.#question;
    const answer = await api.budget();
    if (question !== this.#question) return;
    // A key that may not ask, or a collector that does not answer, is no reason to worry anybody about budgets.
    const text = answer.outcome === "ok" ? noticeText(answer.value) : "";
    const notice = byId("budget-notice");
    notice.hidden = text === "";
    setText(notice, text);
    this.#timer = setTimeout(() => void this.#refresh(api), REFRESH_MS);
  }
}

/** Empty while there is nothing to say. */
export function noticeText({ exhausted, used, limits }: BudgetAnswer): string {
  if (exhausted.length === 0) return "";
  const parts = exhausted.map(
    (part) =>
      `${PART_NAMES[part]} (${used[part].toLocaleString("en")} of ${limits[part].toLocaleString("en")})`,
  );
  const isOnlyPast = exhausted.every((part) => part === "spreadHours");
  const effect = isOnlyPast
    ? "Events from all over the past wait until 00:00 UTC; what happens now is counted."
    : "Visits are put off until 00:00 UTC, orders still count.";
  return `Today's budget is used up: ${parts.join(", ")}. ${effect} It is set for the site in TIDEMARK_SITES.`;
}

import { FRESHNESS } from "../../collector/event/freshness.ts";
import { OFF_KEY } from "../disk.ts";
import type { Page, RecommendOptions } from "../part.ts";
import { retryDelayMs } from "../retry-after.ts";
import { ask } from "./ask.ts";
import { type List, readList } from "./list.ts";
import { forgetItems } from "./recent-items.ts";
import { StoredLists } from "./stored-lists.ts";

/** Where the collector does not answer, a kept list of any class is shown that is no older than this. */
const LAST_GOOD_MS = 24 * 3_600_000;

/**
 * Where the page's lists come from: the collector; while it does not answer, the last good list of the same question;
 * then the list of popular items that the page brought along.
 */
export class Desk {
  readonly #page: Page;
  readonly #stored: StoredLists;
  #failures = 0;
  #resumeAtMs = 0;

  constructor(page: Page) {
    this.#page = page;
    this.#stored = new StoredLists(page);
  }

  /** Not while the collector asked to wait, or its silence suggests it; never again once it refused for good. */
  get isOpen(): boolean {
    return Date.now() >= this.#resumeAtMs;
  }

  /** A list for each question that the collector understands; undefined without an answer. */
  async ask(questions: RecommendOptions[]): Promise<(List | undefined)[] | undefined> {
    if (!this.isOpen) return undefined;
    const reply = await ask(this.#page, questions);
    if (reply.outcome === "answered") {
      this.#failures = 0;
      for (const [index, list] of reply.lists.entries())
        if (list) void this.#stored.put(questions[index] as RecommendOptions, list);
      return reply.lists;
    }
    const waitMs =
      reply.outcome === "never"
        ? Number.POSITIVE_INFINITY
        : retryDelayMs(this.#failures++, reply.retryAfterMs, Math.random());
    this.#resumeAtMs = Date.now() + waitMs;
    return undefined;
  }

  /** A kept list that may be used before the collector is asked, where the shop said how old it may be. */
  async kept(question: RecommendOptions): Promise<{ list: List; isFresh: boolean } | undefined> {
    const times = FRESHNESS[question.freshness ?? "live"] as (typeof FRESHNESS)["live"] | undefined;
    if (!times?.staleMs) return undefined;
    const list = await this.#stored.get(question);
    const ageMs = list && Date.now() - list.atMs;
    if (!list || !(Math.abs(Number(ageMs)) < times.staleMs)) return undefined;
    return { list, isFresh: Number(ageMs) < times.freshMs };
  }

  /** The best that can be had: a kept one within what the shop allows, else an answer, else what there is without. */
  async list(question: RecommendOptions): Promise<List | undefined> {
    const kept = await this.kept(question);
    if (kept?.isFresh) return kept.list;
    const answer = this.ask([question]);
    return kept?.list ?? (await answer)?.[0] ?? this.fallback(question);
  }

  /** What to show without an answer. */
  async fallback(question: RecommendOptions): Promise<List | undefined> {
    const list = await this.#stored.get(question);
    // Also for a visitor of the hold-out group: what is kept for them is empty, and stays so.
    return list && Math.abs(Date.now() - list.atMs) < LAST_GOOD_MS ? list : popularList(question);
  }

  /** Forgets what the visitor looked at. */
  async forget(): Promise<void> {
    forgetItems();
    await this.#stored.clear();
  }

  /** Another tab may have heard it. */
  forgetWhenOff(): void {
    if (this.#page.disk[OFF_KEY]) void this.forget();
  }
}

/** `<script type="application/json" data-tm-popular>`: an answer of `/v1/recommendations`, or its items alone. */
function popularList(question: RecommendOptions): List | undefined {
  const text = document.querySelector("script[data-tm-popular]")?.textContent;
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const items = Array.isArray(value) ? value : Object(value).items;
    const listId = `rec:${question.placement ?? ""}:popular`;
    // Old from the beginning, so that anything else is newer.
    return readList({ items, listId }, question, 0);
  } catch {
    return undefined;
  }
}

import { FRESHNESS } from "../../collector/event/freshness.ts";
import type { Page, RecommendOptions } from "../part.ts";
import { ignore, safe } from "../safe.ts";
import type { Desk } from "./desk.ts";
import { ITEMS_MAX, type List } from "./list.ts";
import type { Question } from "./question.ts";
import { noteItems, recentItems } from "./recent-items.ts";

/** Several events of one gesture ask once. */
const ASK_AFTER_CLICK_MS = 100;
/** A collector that takes longer is waited for behind the last good list. */
const FALLBACK_AFTER_MS = 1000;
/** Lists of one request; the others go with the next. */
const PLACEMENTS_MAX = 10;

/** One element of the page, as far as asking for lists goes. */
export interface Strip extends Node {
  /** Another object once it asks something else. */
  readonly question: Question;
  /** Whether there is a list for its question, be it empty. */
  readonly hasList: boolean;
  /** Whether the visitor points at it or is in it with the keyboard: then nothing in it moves. */
  readonly isHeld: boolean;
  readonly isInView: boolean;
  /** Items that it shows. */
  readonly shown: readonly string[];
  show(list: List): void;
  /** Offered again when the visitor has left it. */
  wait(list: List): void;
}

interface Due {
  question: RecommendOptions;
  atMs: number;
  isLive: boolean;
}

/**
 * Asks for the lists of all elements of the page: together, no item twice, and only while somebody looks at the page
 * and does something. There is no timer that asks; what a visitor does is the clock.
 */
export class Strips {
  readonly #page: Page;
  readonly #desk: Desk;
  readonly #all = new Set<Strip>();
  readonly #waiting = new Set<Strip>();
  readonly #next = new WeakMap<Strip, Due>();
  /** Questions that the collector does not understand. */
  readonly #refused = new WeakSet<RecommendOptions>();
  #isAsking = false;
  /** The clicks that the live lists know of, or are being asked about. */
  #known = "";
  #askTimer: ReturnType<typeof setTimeout> | undefined;
  #clickTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(page: Page, desk: Desk) {
    this.#page = page;
    this.#desk = desk;
  }

  /** The element is there, or asks something else. */
  add(strip: Strip): void {
    this.#all.add(strip);
    const { question } = strip;
    void this.#useKept(strip)
      .catch(() => false)
      .then((isFresh) => {
        if (isFresh || !this.#all.has(strip) || strip.question !== question) return;
        this.#waiting.add(strip);
        clearTimeout(this.#askTimer);
        this.#askTimer = setTimeout(() => this.#ask());
      });
  }

  remove(strip: Strip): void {
    this.#all.delete(strip);
    this.#waiting.delete(strip);
  }

  /** Events were logged: lists of the session follow a click. */
  onLogged(): void {
    noteItems(this.#page);
    clearTimeout(this.#clickTimer);
    this.#clickTimer = setTimeout(
      safe(() => this.#onClick()),
      ASK_AFTER_CLICK_MS,
    );
  }

  /** The visitor did something. */
  onActivity(): void {
    this.#desk.forgetWhenOff();
    const nowMs = Date.now();
    for (const strip of this.#all) {
      const due = this.#next.get(strip);
      if (strip.isInView && due?.question === strip.question && nowMs >= due.atMs) this.#waiting.add(strip);
    }
    this.#ask();
  }

  /** Gives lists to elements, in the order of the page, so that no item stands in it twice. */
  share(offers: [Strip, List][]): void {
    offers.sort(([a], [b]) => byPlace(a, b));
    const moving = new Set(offers.map(([strip]) => strip).filter((strip) => !strip.isHeld));
    const taken = new Set([...this.#all].flatMap((strip) => (moving.has(strip) ? [] : strip.shown)));
    for (const [strip, list] of offers) {
      const { question } = strip;
      const { refresh, atMs } = list;
      this.#next.set(strip, { question, atMs: atMs + refresh.afterMs, isLive: refresh.class === "live" });
      if (!moving.has(strip)) {
        strip.wait(list);
        continue;
      }
      const items = list.items.filter(({ id }) => !taken.has(id));
      strip.show({ ...list, items });
      for (const id of strip.shown) taken.add(id);
    }
  }

  #onClick(): void {
    const clicks = recentItems().join();
    if (clicks === this.#known) return;
    this.#known = clicks;
    for (const strip of this.#all) if (this.#isLive(strip)) this.#waiting.add(strip);
    this.#ask();
  }

  /** Shows a kept list at once, where the shop allows one; true where it is so new that nobody has to ask. */
  async #useKept(strip: Strip): Promise<boolean> {
    const { question } = strip;
    const kept = question.freshness ? await this.#desk.kept(question) : undefined;
    if (!kept || strip.question !== question || !this.#all.has(strip)) return false;
    this.share([[strip, kept.list]]);
    return kept.isFresh;
  }

  #isLive(strip: Strip): boolean {
    return this.#next.get(strip)?.isLive !== false;
  }

  /** One request at a time. */
  #ask(): void {
    // Nobody looks: what is due is asked for when somebody does.
    if (this.#isAsking || document.hidden) return;
    for (const strip of this.#waiting) if (this.#refused.has(strip.question)) this.#waiting.delete(strip);
    const strips = [...this.#waiting].sort(byPlace).slice(0, PLACEMENTS_MAX);
    if (strips.length === 0) return;
    this.#isAsking = true;
    void this.#fill(strips)
      .catch(() => false)
      .then((isAnswered) => {
        this.#isAsking = false;
        if (isAnswered) this.#ask();
      });
  }

  /** False without an answer: then the elements wait for the next occasion, and show what there is meanwhile. */
  async #fill(strips: Strip[]): Promise<boolean> {
    const asked = strips.map((strip) => strip.question);
    const slow = setTimeout(() => this.#fallBack(strips).catch(ignore), FALLBACK_AFTER_MS);
    const answer = this.#desk.ask(strips.map((strip) => this.#question(strip, strips)));
    for (const strip of strips) this.#waiting.delete(strip);
    // Named in this question.
    if ([...this.#all].every((strip) => strips.includes(strip) || !this.#isLive(strip)))
      this.#known = recentItems().join();
    const lists = await answer;
    clearTimeout(slow);
    const here = strips.filter((strip) => this.#all.has(strip));
    if (!lists) {
      for (const strip of here) this.#waiting.add(strip);
      await this.#fallBack(here);
      return false;
    }
    const answered: [Strip, List][] = [];
    const refused: Strip[] = [];
    for (const strip of here) {
      const index = strips.indexOf(strip);
      const list = lists[index];
      if (strip.question !== asked[index]) continue;
      if (list) answered.push([strip, list]);
      else refused.push(strip);
    }
    this.share(answered);
    for (const { question } of refused) this.#refused.add(question);
    await this.#fallBack(refused);
    return true;
  }

  /** Items of elements that are not asked for now may come again, and are left out then. */
  #question(strip: Strip, asked: Strip[]): RecommendOptions {
    const others = [...this.#all].filter((other) => other !== strip && !asked.includes(other));
    const spare = others.reduce(
      (sum, { hasList, shown, question }) => sum + (hasList ? shown.length : question.limit),
      0,
    );
    return { ...strip.question, limit: Math.min(strip.question.limit + spare, ITEMS_MAX) };
  }

  async #fallBack(strips: Strip[]): Promise<void> {
    const offers = await Promise.all(
      strips
        .filter((strip) => !strip.hasList)
        .map(async (strip): Promise<[Strip, RecommendOptions, List | undefined]> => {
          const { question } = strip;
          return [strip, question, await this.#desk.fallback(question)];
        }),
    );
    // Meanwhile the answer may have come.
    this.share(
      offers.flatMap(([strip, question, list]): [Strip, List][] =>
        strip.question === question && !strip.hasList && this.#all.has(strip)
          ? [[strip, list ?? NOTHING]]
          : [],
      ),
    );
  }
}

/** What comes first in the page gets its items first. */
function byPlace(a: Strip, b: Strip): number {
  return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

const NOTHING: List = {
  items: [],
  listId: "",
  refresh: { class: "live", afterMs: FRESHNESS.live.refreshMs },
  atMs: 0,
};

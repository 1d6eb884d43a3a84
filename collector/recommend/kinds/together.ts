import type { RunningSession } from "../running-session.ts";
import type { Pick, Question, ShopMemory } from "./question.ts";

/** Newest items of the session that are named as the reason of others. */
const NAMED_MAX = 3;
/** Newest clicks of an item of the list that are looked at. */
const CLICKS_MAX = 100;

/** Tells of each item of a session's list where it comes from: viewed with which of its items, by how many sessions. */
export class Together {
  readonly #memory: ShopMemory;
  /** By session slot: bits of the items that the session has. Zero between two lists. */
  #marks = new Uint8Array(0);

  constructor(memory: ShopMemory) {
    this.#memory = memory;
  }

  tell(picks: readonly Pick[], { running }: Question): void {
    const untold = picks.filter(({ evidence, tell }) => evidence === undefined && tell === undefined);
    if (untold.length === 0) return;
    const { items } = this.#memory;
    const named = running.trail.newestFirst.slice(0, NAMED_MAX);
    const marked = this.#mark(named, running.slot);
    for (const pick of untold) {
      if (pick.reason === "continue") {
        pick.evidence = looks(running, pick.slot);
        continue;
      }
      const sessions = this.#count(pick.slot, named.length);
      const at = sessions.indexOf(Math.max(...sessions));
      if ((sessions[at] ?? 0) > 0)
        pick.evidence = { item: items.ids[named[at] as number] as string, sessions: sessions[at] as number };
    }
    for (const session of marked) this.#marks[session] = 0;
  }

  #mark(named: readonly number[], own: number): number[] {
    const { history, limits } = this.#memory;
    if (this.#marks.length < limits.sessions) this.#marks = new Uint8Array(limits.sessions);
    const marked: number[] = [];
    for (const [at, item] of named.entries()) {
      history.onItem(item, limits.clicksPerItem, (session) => {
        if (session < 0 || session === own) return;
        if (this.#marks[session] === 0) marked.push(session);
        this.#marks[session] = (this.#marks[session] as number) | (1 << at);
      });
    }
    return marked;
  }

  /** Sessions that have the item and each of those named. */
  #count(slot: number, named: number): number[] {
    const sessions: number[] = new Array(named).fill(0);
    let before = -1;
    this.#memory.history.onItem(slot, CLICKS_MAX, (session) => {
      // Clicks of one session on an item mostly follow each other.
      if (session < 0 || session === before) return;
      before = session;
      const mark = this.#marks[session] as number;
      for (let at = 0; at < named; at++) if (mark & (1 << at)) sessions[at] = (sessions[at] as number) + 1;
    });
    return sessions;
  }
}

function looks({ trail }: RunningSession, slot: number): Pick["evidence"] {
  let atS = 0;
  for (let i = 0; i < trail.length; i++) if (trail.itemAt(i) === slot) atS = Math.max(atS, trail.timeAt(i));
  return { clicks: trail.countOf(slot), ...(atS > 0 ? { sinceMs: atS * 1000 } : {}) };
}

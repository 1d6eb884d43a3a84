import type { NearItems } from "../near-items.ts";
import { BY_REPEAT, BY_TRANSITION, type Candidate } from "../scorer.ts";
import { Trail } from "../trail.ts";
import type { BackOff } from "./back-off.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, Question, ShopMemory } from "./question.ts";
import { COLD_CLICKS, likenessOf } from "./similar.ts";

/** Items like a cold one that speak for it. */
const LENDERS_MAX = 3;

/**
 * What this session may want next: by its clicks, then by the back-off chain. Where all its items are cold, what is
 * like them has its turns with what only sessions far away speak for.
 */
export function forSession(memory: ShopMemory, near: NearItems, backOff: BackOff): ListMaker {
  return (question) => {
    const found = candidates(memory, question);
    const { trail } = question.running;
    const nameOf = namesOf(memory);
    const picks = found.map((candidate) => pickOf(candidate, trail, nameOf));
    const goOn = backOff.lists(question);
    if (!isCold(memory, question)) return inTurn(memory.items, question, () => picks, ...goOn);
    const closely = picks.filter((_, i) => !found[i]?.isDistant);
    const distantly = picks.filter((_, i) => found[i]?.isDistant);
    return inTurn(
      memory.items,
      question,
      () => closely,
      () => inTurns(borrowed(memory, near, question), distantly),
      ...goOn,
    );
  };
}

function candidates({ scorer }: ShopMemory, { running, hidden, nowMs, count }: Question): Candidate[] {
  const { trail, slot } = running;
  return trail.length === 0 ? [] : scorer.best(trail, slot, nowMs / 1000, count, hidden);
}

/** Whether no item of the session has been clicked enough to say something. */
function isCold({ items }: ShopMemory, { item, running }: Question): boolean {
  return item >= 0 && running.trail.newestFirst.every((slot) => items.clicks(slot) < COLD_CLICKS);
}

/** Of a cold item, those that are like it, and what sessions went to from there. */
function borrowed(memory: ShopMemory, near: NearItems, question: Question): Pick[] {
  const { items, scorer } = memory;
  const { item, hidden, nowMs, count } = question;
  const like = near
    .of(item, nowMs / 1000, (slot) => !hidden.has(slot) && items.facts.isShown(slot))
    .map(
      ({ slot, likeness }): Pick => ({
        slot,
        score: likeness,
        reason: "similar",
        evidence: likenessOf(memory, item, slot),
      }),
    );
  const lenders = like.filter(({ slot }) => items.clicks(slot) >= COLD_CLICKS).slice(0, LENDERS_MAX);
  if (lenders.length === 0) return like;
  const trail = new Trail();
  for (const { slot } of lenders.toReversed()) trail.push(slot, 0, 0);
  trail.finish();
  const lent = new Set(lenders.map(({ slot }) => slot));
  const nameOf = namesOf(memory);
  const next = scorer
    .best(trail, -1, nowMs / 1000, count, new Set([...hidden, ...lent]))
    .map((candidate) => pickOf(candidate, trail, nameOf));
  return inTurns(like, next);
}

/** Two of one list, then one of the other; scored by place. */
function inTurns(first: readonly Pick[], second: readonly Pick[]): Pick[] {
  const picks: Pick[] = [];
  for (let n = 0; 2 * n < first.length || n < second.length; n++)
    picks.push(...first.slice(2 * n, 2 * n + 2), ...second.slice(n, n + 1));
  return picks.map((pick, at) => ({ ...pick, score: 1 / (1 + at) }));
}

/** Ids by slot, each made once: a few items of the session are the evidence for the whole list. */
function namesOf({ items }: ShopMemory): (slot: number) => string {
  const names = new Map<number, string>();
  return (slot) => {
    const known = names.get(slot);
    if (known !== undefined) return known;
    const name = items.ids.text(slot);
    names.set(slot, name);
    return name;
  };
}

function pickOf(
  { slot, score, part, shared }: Candidate,
  trail: Trail,
  nameOf: (slot: number) => string,
): Pick {
  if (part === BY_REPEAT) return { slot, score, reason: "continue", evidence: looks(trail, slot) };
  const reason = part === BY_TRANSITION ? "viewed_together" : "session";
  if (shared === undefined) return { slot, score, reason };
  const { item, sessions } = shared;
  return { slot, score, reason, evidence: { item: nameOf(item), sessions } };
}

/** How often the session was there, and when last. */
function looks(trail: Trail, slot: number): Pick["evidence"] {
  let atS = 0;
  for (let i = 0; i < trail.length; i++) if (trail.itemAt(i) === slot) atS = Math.max(atS, trail.timeAt(i));
  return { clicks: trail.countOf(slot), ...(atS > 0 ? { sinceMs: atS * 1000 } : {}) };
}

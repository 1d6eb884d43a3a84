import type { Trail } from "../trail.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, ShopMemory } from "./question.ts";

/** What this session looked at before, newest first. */
export function recent({ items }: ShopMemory): ListMaker {
  return (question) => inTurn(items, question, () => lookedAt(question.running.trail));
}

function lookedAt(trail: Trail): Pick[] {
  const seen = new Set<number>();
  const picks: Pick[] = [];
  for (let i = trail.length - 1; i >= 0; i--) {
    const slot = trail.itemAt(i);
    if (seen.has(slot)) continue;
    seen.add(slot);
    const atS = trail.timeAt(i);
    picks.push({
      slot,
      score: 1 / seen.size,
      reason: "recent",
      evidence: { clicks: trail.countOf(slot), ...(atS > 0 ? { sinceMs: atS * 1000 } : {}) },
    });
  }
  return picks;
}

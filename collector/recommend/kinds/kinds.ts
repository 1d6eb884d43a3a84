import type { RecommendationKind } from "../../event/recommendation.ts";
import type { HeatBoards } from "../heat-boards.ts";
import { NearItems } from "../near-items.ts";
import { BackOff } from "./back-off.ts";
import { boughtTogether } from "./bought-together.ts";
import { Companions } from "./companions.ts";
import { complements } from "./complements.ts";
import { forSession } from "./for-session.ts";
import { backInStock, NewItems, newArrivals } from "./new-items.ts";
import type { ListMaker, ShopMemory } from "./question.ts";
import { recent } from "./recent.ts";
import { similar } from "./similar.ts";
import { Trends, trending } from "./trends.ts";
import { viewedTogether } from "./viewed-together.ts";

/** What makes the lists of each kind. */
export function kindsOf(
  memory: ShopMemory,
  searches: HeatBoards,
  regions: HeatBoards,
): Record<RecommendationKind, ListMaker> {
  const companions = new Companions(memory.history, memory.items, memory.limits);
  const near = new NearItems(memory.items, memory.limits.candidates);
  const trends = new Trends(memory, regions);
  const newItems = new NewItems(memory);
  const backOff = new BackOff(trends, searches, newItems);
  return {
    session: forSession(memory, near, backOff),
    similar: similar(memory, companions, near, backOff),
    viewed_together: viewedTogether(memory, companions, backOff),
    bought_together: boughtTogether(memory, companions),
    complements: complements(memory, companions),
    trending: trending(memory, trends),
    recent: recent(memory),
    new: newArrivals(memory, newItems),
    back_in_stock: backInStock(memory, newItems),
  };
}

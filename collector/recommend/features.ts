import { AGES } from "./chains.ts";
import type { ItemTable } from "./item-table.ts";
import { BUY, CART } from "./neighbour.ts";
import type { Neighbourhood } from "./neighbourhood.ts";
import type { Trail } from "./trail.ts";

/** Numbers that describe one candidate, and numbers that describe the running session as a whole. */
export const CANDIDATE_FEATURES = 39;
export const SESSION_FEATURES = 14;
/** The first candidate feature is the logarithm of the blend: where the ranker starts from. */
export const BLEND_FEATURE = 0;
/** The first session feature is 1 for every session. */
export const ALWAYS_FEATURE = 0;

const HOUR_S = 3600;
const HEAT_HALF_LIFE_S = 24 * 3600;
/** Age of clicks that there have not been. */
const AGE_UNKNOWN_S = 365 * 24 * 3600;

/** Describes one candidate. All numbers lie between about -4 and 4, so that no scale has to be learned. */
export function candidateFeatures(
  into: Float64Array,
  from: number,
  row: number,
  place: number,
  blend: number,
  bestBlend: number,
  neighbourhood: Neighbourhood,
  items: ItemTable,
  trail: Trail,
  nowS: number,
): void {
  const { evidence } = neighbourhood;
  const { of, sums } = evidence;
  const slot = evidence.slots[row] as number;
  const newest = trail.newestFirst[0] as number;
  const clicks = items.clicks(slot);
  const newestClicks = items.clicks(newest);
  const rank = neighbourhood.rankOf(row);
  const isSeen = rank > 0;
  const heat = items.heat(slot) - nowS / HEAT_HALF_LIFE_S;
  const forward = of.forward[row] as number;
  const backward = of.backward[row] as number;
  const support = of.support[row] as number;
  const seenS = of.seenS[row] as number;
  const rarity = 1 / Math.sqrt(clicks + 4);
  const hopNear = of.hopNear[row] as number;
  let at = from;
  into[at++] = Math.max(-10, Math.log(blend / bestBlend + 1e-9)) / 2;
  into[at++] = blend / bestBlend;
  into[at++] = amount(of.vote[row] as number);
  into[at++] = of.bestVote[row] as number;
  into[at++] = amount(support);
  into[at++] = amount(of.closeness[row] as number);
  into[at++] = amount(of.reach[row] as number);
  into[at++] = support * rarity;
  into[at++] = share(of.next[row] as number, sums.next, 2);
  into[at++] = amount(of.next[row] as number);
  into[at++] = share(forward, sums.forward, 2);
  into[at++] = amount(backward);
  into[at++] = (4 * (forward + backward)) / Math.sqrt((clicks + 2) * (newestClicks + 2));
  into[at++] = amount(of.forwardOfPrevious[row] as number);
  into[at++] = amount(of.forwardOfOlder[row] as number);
  into[at++] = share(of.cart[row] as number, sums.cart, 2);
  into[at++] = share(of.buy[row] as number, sums.buy, 2);
  into[at++] = seenS === 0 ? 1.5 : logOf((nowS - seenS) / HOUR_S) / 5;
  // The newest clicks on what the session has seen are mostly its own, as far as they are learned yet.
  const { timesS } = neighbourhood.chains;
  for (let i = place * AGES; i < (place + 1) * AGES; i++) {
    const timeS = timesS[i] as number;
    into[at++] = isSeen ? 0 : logOf((timeS < 0 ? AGE_UNKNOWN_S : nowS - timeS) / HOUR_S) / 5;
  }
  into[at++] = logOf(clicks) / 4;
  into[at++] = isSeen ? 0 : clamp(heat / 10);
  into[at++] = isSeen ? 0 : clamp((heat - Math.log2(clicks + 1)) / 10);
  into[at++] = rank === 1 ? 1 : 0;
  into[at++] = rank === 2 ? 1 : 0;
  into[at++] = rank === 3 ? 1 : 0;
  into[at++] = rank > 2 ? 2 / rank : 0;
  into[at++] = isSeen ? Math.log(trail.countOf(slot)) : 0;
  into[at++] = isSeen && trail.has(slot, CART) ? 1 : 0;
  into[at++] = isSeen && trail.has(slot, BUY) ? 1 : 0;
  into[at++] = share(of.onPath[row] as number, sums.onPath, 1);
  into[at++] = amount(of.onPath[row] as number);
  into[at++] = evidence.echoMost > 0 ? (of.echo[row] as number) / evidence.echoMost : 0;
  const forwards =
    forward + 0.7 * (of.forwardOfPrevious[row] as number) + 0.5 * (of.forwardOfOlder[row] as number);
  const backwards =
    backward + 0.7 * (of.backwardOfPrevious[row] as number) + 0.5 * (of.backwardOfOlder[row] as number);
  into[at++] = amount(forwards);
  into[at++] = amount(forwards + backwards);
  into[at++] = 2 * (forwards + backwards) * rarity;
  into[at++] = 2 * (of.hop[row] as number) * rarity;
  into[at++] = amount(hopNear);
  into[at++] = 2 * hopNear * rarity;
}

/** Describes the running session: the same for all candidates, so it only steers how their features are weighed. */
export function sessionFeatures(
  into: Float64Array,
  neighbourhood: Neighbourhood,
  items: ItemTable,
  trail: Trail,
): void {
  const newest = trail.newestFirst[0] as number;
  const newestKind = trail.kindAt(trail.length - 1);
  let at = 0;
  into[at++] = 1;
  into[at++] = Math.log(trail.length) / 2;
  into[at++] = trail.newestFirst.length / trail.length;
  into[at++] = logOf(items.clicks(newest)) / 4;
  into[at++] = amount(neighbourhood.evidence.sums.forward) / 3;
  into[at++] = amount(neighbourhood.evidence.sums.backward) / 3;
  into[at++] = logOf(neighbourhood.sessionsRead) / 4;
  into[at++] = trail.countOf(newest) > 1 ? 1 : 0;
  into[at++] = trail.length > 1 && trail.itemAt(trail.length - 2) === newest ? 1 : 0;
  into[at++] = trail.length === 1 ? 1 : 0;
  into[at++] = (2 * trail.returns) / trail.length;
  into[at++] = (2 * trail.reloads) / trail.length;
  into[at++] = newestKind === CART ? 1 : 0;
  into[at++] = newestKind === BUY ? 1 : 0;
}

function share(part: number, whole: number, smoothing: number): number {
  return (4 * part) / (whole + smoothing);
}

/** Evidence is often a small part of one old session, and must still be told from none. */
function amount(value: number): number {
  return value > 0 ? Math.log(1 + 20 * value) / 2 : 0;
}

function logOf(value: number): number {
  return Math.log(1 + Math.max(0, value));
}

function clamp(value: number): number {
  return Math.max(-2, Math.min(2, value));
}

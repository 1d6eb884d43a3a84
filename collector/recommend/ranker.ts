import { ALWAYS_FEATURE, BLEND_FEATURE, CANDIDATE_FEATURES as F, SESSION_FEATURES as S } from "./features.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** How the ranker learns. */
export interface RankerOptions {
  /** Units of the hidden layer; a multiple of four. */
  hidden: number;
  /** Step of a weight, relative to the usual size of its gradient. */
  rate: number;
  /** How much of that usual size is remembered at each step. */
  squareDecay: number;
  /** Lists between two steps. */
  batch: number;
  /** How much of the average that answers requests is remembered at each step. */
  averageDecay: number;
  /** Candidates below this probability do not move the weights. */
  probabilityMin: number;
  /** Slope of a unit below zero. */
  leak: number;
}

export const RANKER: RankerOptions = {
  hidden: 8,
  rate: 0.002,
  squareDecay: 0.99,
  batch: 8,
  averageDecay: 0.998,
  probabilityMin: 2e-4,
  leak: 0.1,
};

const FIRST_SEED = 20_240_229;

/** Weights of the straight line: one for each pair of a candidate's and a session's feature. */
const LINE = F * S;

/**
 * Puts candidates in order, and learns from each click which order would have been right: a straight line through
 * the features of a candidate, whose slopes are straight lines through those of the session, plus one hidden layer;
 * the softmax over the list as loss, steps scaled by the size of the gradients. The newest weights wander, so their
 * running average answers.
 */
export class Ranker {
  readonly options: RankerOptions;
  readonly #hidden: number;
  readonly #size: number;
  /** Weights of the line, hidden weights on candidate and session features by unit, weights out of the units. */
  readonly weights: Float64Array;
  readonly average: Float64Array;
  readonly squares: Float64Array;
  readonly gradient: Float64Array;
  steps = 0;
  inBatch = 0;
  // Scratch.
  readonly #slopes = new Float64Array(F);
  readonly #slopesGradient = new Float64Array(F);
  readonly #fromSession: Float64Array;
  readonly #units: Float64Array;
  readonly #unitsGradient: Float64Array;
  readonly #scores: Float64Array;

  constructor(candidatesMax: number, options: RankerOptions = RANKER) {
    this.options = options;
    const hidden = options.hidden;
    this.#hidden = hidden;
    this.#size = LINE + hidden * (F + S) + hidden;
    this.weights = new Float64Array(this.#size);
    this.squares = new Float64Array(this.#size);
    this.gradient = new Float64Array(this.#size);
    let seed = FIRST_SEED;
    for (let i = LINE; i < LINE + hidden * (F + S); i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      this.weights[i] = (seed / 2 ** 31 - 1) / Math.sqrt(F);
    }
    this.weights[BLEND_FEATURE * S + ALWAYS_FEATURE] = 2;
    this.average = this.weights.slice();
    this.#fromSession = new Float64Array(hidden);
    this.#units = new Float64Array(candidatesMax * hidden);
    this.#unitsGradient = new Float64Array(hidden);
    this.#scores = new Float64Array(candidatesMax);
  }

  /** Scores of `count` candidates, higher is better; valid until the next call. */
  score(candidates: Float64Array, session: Float64Array, count: number): Float64Array {
    this.#forward(this.average, candidates, session, count);
    return this.#scores;
  }

  /** Learns that the candidate `clicked` came next. */
  learn(candidates: Float64Array, session: Float64Array, count: number, clicked: number): void {
    const { probabilityMin, leak } = this.options;
    const hidden = this.#hidden;
    const { weights, gradient } = this;
    const scores = this.#scores;
    const units = this.#units;
    this.#forward(weights, candidates, session, count);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < count; c++) top = Math.max(top, scores[c] as number);
    let sum = 0;
    for (let c = 0; c < count; c++) sum += scores[c] = Math.exp((scores[c] as number) - top);
    const outAt = LINE + hidden * (F + S);
    const fromUnits = this.#unitsGradient.fill(0);
    const ofSlopes = this.#slopesGradient.fill(0);
    for (let c = 0; c < count; c++) {
      const probability = (scores[c] as number) / sum;
      if (c !== clicked && probability < probabilityMin) continue;
      const error = probability - (c === clicked ? 1 : 0);
      const x = c * F;
      for (let f = 0; f < F; f++)
        ofSlopes[f] = (ofSlopes[f] as number) + error * (candidates[x + f] as number);
      for (let h = 0; h < hidden; h++) {
        const unit = units[c * hidden + h] as number;
        gradient[outAt + h] = (gradient[outAt + h] as number) + error * unit;
        const back = error * (weights[outAt + h] as number) * (unit > 0 ? 1 : leak);
        fromUnits[h] = (fromUnits[h] as number) + back;
        const w = LINE + h * (F + S);
        for (let f = 0; f < F; f++)
          gradient[w + f] = (gradient[w + f] as number) + back * (candidates[x + f] as number);
      }
    }
    for (let f = 0; f < F; f++) {
      const w = f * S;
      for (let s = 0; s < S; s++)
        gradient[w + s] = (gradient[w + s] as number) + (ofSlopes[f] as number) * (session[s] as number);
    }
    for (let h = 0; h < hidden; h++) {
      const w = LINE + h * (F + S) + F;
      for (let s = 0; s < S; s++)
        gradient[w + s] = (gradient[w + s] as number) + (fromUnits[h] as number) * (session[s] as number);
    }
    if (++this.inBatch === this.options.batch) this.#step();
  }

  /** Everything that the next answer and the next step depend on. */
  writePage(writer: PageWriter): void {
    writer.u32(this.#size);
    writer.f64(this.steps);
    writer.u32(this.inBatch);
    for (const part of this.#parts()) for (const value of part) writer.f64(value);
  }

  /** Takes the page back; one of other features is left aside, and the ranker begins anew. */
  readPage(reader: PageReader): void {
    if (reader.u32() !== this.#size) return;
    this.steps = reader.f64();
    this.inBatch = reader.u32();
    for (const part of this.#parts()) for (let i = 0; i < this.#size; i++) part[i] = reader.f64();
  }

  #parts(): Float64Array[] {
    return [this.weights, this.average, this.squares, this.gradient];
  }

  #step(): void {
    const { weights, average, squares, gradient } = this;
    const { rate, squareDecay, averageDecay, batch } = this.options;
    this.inBatch = 0;
    this.steps++;
    const unbias = 1 / (1 - squareDecay ** this.steps);
    // The average begins short, so that the first weights are soon forgotten.
    const keep = Math.min(averageDecay, this.steps / (this.steps + 10));
    for (let i = 0; i < weights.length; i++) {
      const slope = (gradient[i] as number) / batch;
      gradient[i] = 0;
      const square = squareDecay * (squares[i] as number) + (1 - squareDecay) * slope * slope;
      squares[i] = square;
      const weight = (weights[i] as number) - (rate * slope) / (Math.sqrt(square * unbias) + 1e-4);
      weights[i] = weight;
      average[i] = keep * (average[i] as number) + (1 - keep) * weight;
    }
  }

  #forward(weights: Float64Array, candidates: Float64Array, session: Float64Array, count: number): void {
    const hidden = this.#hidden;
    const slopes = this.#slopes;
    for (let f = 0; f < F; f++) {
      let sum = 0;
      for (let s = 0; s < S; s++) sum += (weights[f * S + s] as number) * (session[s] as number);
      slopes[f] = sum;
    }
    const fromSession = this.#fromSession;
    for (let h = 0; h < hidden; h++) {
      const w = LINE + h * (F + S) + F;
      let sum = 0;
      for (let s = 0; s < S; s++) sum += (weights[w + s] as number) * (session[s] as number);
      fromSession[h] = sum;
    }
    // Two candidates and four units at once: eight sums that do not wait for each other, and a weight is read for two.
    // The last of an odd number goes with itself.
    for (let c = 0; c < count; c += 2) {
      const x = c * F;
      const d = Math.min(c + 1, count - 1);
      const y = d * F;
      let scoreX = 0;
      let scoreY = 0;
      for (let f = 0; f < F; f++) {
        const slope = slopes[f] as number;
        scoreX += slope * (candidates[x + f] as number);
        scoreY += slope * (candidates[y + f] as number);
      }
      for (let h = 0; h < hidden; h += 4) {
        const w0 = LINE + h * (F + S);
        const w1 = w0 + F + S;
        const w2 = w1 + F + S;
        const w3 = w2 + F + S;
        let x0 = fromSession[h] as number;
        let x1 = fromSession[h + 1] as number;
        let x2 = fromSession[h + 2] as number;
        let x3 = fromSession[h + 3] as number;
        let y0 = x0;
        let y1 = x1;
        let y2 = x2;
        let y3 = x3;
        for (let f = 0; f < F; f++) {
          const ofX = candidates[x + f] as number;
          const ofY = candidates[y + f] as number;
          const weight0 = weights[w0 + f] as number;
          x0 += weight0 * ofX;
          y0 += weight0 * ofY;
          const weight1 = weights[w1 + f] as number;
          x1 += weight1 * ofX;
          y1 += weight1 * ofY;
          const weight2 = weights[w2 + f] as number;
          x2 += weight2 * ofX;
          y2 += weight2 * ofY;
          const weight3 = weights[w3 + f] as number;
          x3 += weight3 * ofX;
          y3 += weight3 * ofY;
        }
        scoreX += this.#fire(weights, c * hidden, h, x0, x1, x2, x3);
        scoreY += this.#fire(weights, d * hidden, h, y0, y1, y2, y3);
      }
      this.#scores[c] = scoreX;
      this.#scores[d] = scoreY;
    }
  }

  /** What four units of a candidate, from unit `h` on, give to its score. */
  #fire(
    weights: Float64Array,
    from: number,
    h: number,
    sum0: number,
    sum1: number,
    sum2: number,
    sum3: number,
  ): number {
    const leak = this.options.leak;
    const unit0 = sum0 > 0 ? sum0 : leak * sum0;
    const unit1 = sum1 > 0 ? sum1 : leak * sum1;
    const unit2 = sum2 > 0 ? sum2 : leak * sum2;
    const unit3 = sum3 > 0 ? sum3 : leak * sum3;
    const units = this.#units;
    units[from + h] = unit0;
    units[from + h + 1] = unit1;
    units[from + h + 2] = unit2;
    units[from + h + 3] = unit3;
    const out = LINE + this.#hidden * (F + S) + h;
    return (
      (weights[out] as number) * unit0 +
      (weights[out + 1] as number) * unit1 +
      (weights[out + 2] as number) * unit2 +
      (weights[out + 3] as number) * unit3
    );
  }
}

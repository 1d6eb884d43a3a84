import { expect, test } from "vitest";
import { seeded } from "../../scripts/shopper/seeded.ts";
import { boundary, differenceInterval, liftInterval, type Sample } from "./confidence-sequence.ts";

const ALPHA = 0.05;
const RUNS = 1_000;
const VISITORS = 4_000;
/** Nothing is said before. */
const VISITORS_MIN = 100;
const CONVERSIONS_MIN = 5;

class Group {
  count = 0;
  sum = 0;
  squares = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    this.squares += value * value;
  }

  get sample(): Sample {
    const mean = this.sum / this.count;
    return {
      count: this.count,
      mean,
      variance: (this.squares - this.count * mean * mean) / (this.count - 1),
    };
  }
}

interface Experiment {
  holdOut: number;
  rate: number;
  lift: number;
  /** Value of a conversion; 1 where only conversions count. */
  worth: (random: () => number) => number;
}

/** Shares of runs whose interval left the truth out at any visitor, and whose last interval excluded zero. */
function peekAtEachVisitor(
  { holdOut, rate, lift, worth }: Experiment,
  truth: number,
): { wrong: number; seen: number } {
  let wrong = 0;
  let seen = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = seeded(run * 7919 + 1);
    const model = new Group();
    const control = new Group();
    let isWrong = false;
    let low = 0;
    let conversions = 0;
    for (let at = 0; at < VISITORS; at++) {
      const group = random() < holdOut ? control : model;
      const converts = random() < (group === model ? rate * (1 + lift) : rate);
      if (converts) conversions++;
      group.add(converts ? worth(random) : 0);
      const smaller = Math.min(model.count, control.count);
      if (smaller < VISITORS_MIN || (smaller * conversions) / (at + 1) < CONVERSIONS_MIN) continue;
      const interval = differenceInterval(model.sample, control.sample, ALPHA);
      if (interval.low > truth || interval.high < truth) isWrong = true;
      low = interval.low;
    }
    if (isWrong) wrong++;
    if (low > 0) seen++;
  }
  return { wrong: wrong / RUNS, seen: seen / RUNS };
}

const ONE = (): number => 1;
/** Baskets are worth very different sums. */
const BASKET = (random: () => number): number =>
  Math.exp(3.5 + 0.9 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));

test.each<[string, Experiment]>([
  ["conversions, a tenth held out", { holdOut: 0.1, rate: 0.03, lift: 0, worth: ONE }],
  ["revenue, a tenth held out", { holdOut: 0.1, rate: 0.03, lift: 0, worth: BASKET }],
  ["rare conversions", { holdOut: 0.2, rate: 0.01, lift: 0, worth: ONE }],
])(
  "looked at after each visitor, an A/A test of %s is called different in at most alpha of the runs",
  (_, experiment) => {
    expect(peekAtEachVisitor(experiment, 0).wrong).toBeLessThanOrEqual(ALPHA);
  },
);

test("a known lift stays within the interval all the time, and is seen in the end", () => {
  const { wrong, seen } = peekAtEachVisitor({ holdOut: 0.5, rate: 0.2, lift: 0.3, worth: ONE }, 0.06);
  expect(wrong).toBeLessThanOrEqual(ALPHA);
  expect(seen).toBeGreaterThan(0.8);
});

test("an interval that is right only at one moment would not do", () => {
  // 1.96 standard errors after each visitor: the reason why the boundary is wider.
  const random = seeded(3);
  let wrong = 0;
  for (let run = 0; run < 300; run++) {
    let sum = 0;
    for (let at = 1; at <= 2_000; at++) {
      sum += random() < 0.5 ? 1 : -1;
      if (at >= 100 && Math.abs(sum) / Math.sqrt(at) > 1.96) {
        wrong++;
        break;
      }
    }
  }
  expect(wrong / 300).toBeGreaterThan(3 * ALPHA);
});

test("the boundary has the value of the formula", () => {
  // With rho² = (-2 ln 0.05 + ln(-2 ln 0.05) + 1) / 10,000 = 8.7816e-4 and t = 10,000:
  // sqrt(2 (8.7816 + 1) / 8.7816 · ln(sqrt(8.7816 + 1) / 0.05)).
  expect(boundary(10_000, 0.05)).toBeCloseTo(3.0354, 3);
  expect(boundary(100, 0.05)).toBeGreaterThan(boundary(1_000, 0.05));
});

test("a lift is not said where nobody converts", () => {
  const none = { count: 200, mean: 0, variance: 0 };
  expect(liftInterval({ count: 200, mean: 0.1, variance: 0.09 }, none, ALPHA)).toBeUndefined();
});

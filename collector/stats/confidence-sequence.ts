/** Mean of a sample with the variance of one observation. */
export interface Sample {
  count: number;
  mean: number;
  variance: number;
}

export interface Interval {
  low: number;
  high: number;
}

/** Number of observations at which the interval is as narrow as it can be for its kind. */
const TUNED_AT = 10_000;
/** So many observations of the other sample are lent to each variance: a small one has seen no rare events yet. */
const LENT = 100;

/**
 * An interval around an estimate that is right at every moment at once, so that it may be looked at as often as one
 * likes and the test ended when it suits: over the whole of a run, in all but a share of `alpha` of runs, it always
 * contains the truth. The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
 * "Time-uniform central limit theory and asymptotic confidence sequences" (2021), theorem 2.2, two-sided.
 *
 * @param standardError - of the estimate now
 * @param count - observations so far
 */
export function intervalAround(
  estimate: number,
  standardError: number,
  count: number,
  alpha: number,
): Interval {
  const radius = standardError * boundary(count, alpha);
  return { low: estimate - radius, high: estimate + radius };
}

/** Standard errors from the estimate to the ends of its interval. */
export function boundary(count: number, alpha: number): number {
  // The mixture's width that makes the boundary lowest at TUNED_AT, to a very good approximation.
  const spread = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha)) + 1) / TUNED_AT;
  const seen = count * spread;
  return Math.sqrt(((2 * (seen + 1)) / seen) * Math.log(Math.sqrt(seen + 1) / alpha));
}

/** Of two samples, each variance drawn a little towards the other: with more observations ever less. */
export function drawnTogether(a: Sample, b: Sample): [a: Sample, b: Sample] {
  const pooled = (a.count * a.variance + b.count * b.variance) / Math.max(1, a.count + b.count);
  const drawn = ({ count, mean, variance }: Sample): Sample => ({
    count,
    mean,
    variance: (count * variance + LENT * pooled) / (count + LENT),
  });
  return [drawn(a), drawn(b)];
}

/** Of `a.mean - b.mean`. */
export function differenceInterval(a: Sample, b: Sample, alpha: number): Interval {
  const [one, other] = drawnTogether(a, b);
  const standardError = Math.sqrt(one.variance / one.count + other.variance / other.count);
  return intervalAround(a.mean - b.mean, standardError, a.count + b.count, alpha);
}

/** Of `a.mean / b.mean - 1`, undefined where a mean is not above zero; by the logarithm, so that it stays above -1. */
export function liftInterval(a: Sample, b: Sample, alpha: number): Interval | undefined {
  if (!(a.mean > 0 && b.mean > 0)) return undefined;
  const [one, other] = drawnTogether(a, b);
  const relative = ({ count, mean, variance }: Sample): number => variance / count / mean ** 2;
  const standardError = Math.sqrt(relative(one) + relative(other));
  const { low, high } = intervalAround(Math.log(a.mean / b.mean), standardError, a.count + b.count, alpha);
  return { low: Math.exp(low) - 1, high: Math.exp(high) - 1 };
}

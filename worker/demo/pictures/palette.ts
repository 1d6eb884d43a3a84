/** The colours that goods come in, one list for pictures, swatches and filters. */
export const PALETTE = {
  brass: "#b8924a",
  birch: "#e2c9a0",
  chalk: "#e9e5dc",
  charcoal: "#434447",
  clay: "#b9694a",
  copper: "#b9744c",
  cream: "#efe4cf",
  fog: "#b4bfc3",
  ink: "#2c3b47",
  linen: "#d9ccb6",
  moss: "#5d6b43",
  night: "#2a3a5c",
  oak: "#c2976a",
  ochre: "#d19a35",
  plum: "#643f57",
  red: "#b23c36",
  rose: "#d2a198",
  rust: "#a04f2f",
  sage: "#8fa083",
  sand: "#d4bd97",
  sky: "#8cb2ca",
  steel: "#a9b1b6",
  teal: "#2f7172",
  walnut: "#73503a",
} as const;

export type ColourName = keyof typeof PALETTE;

/** Mixes two colours `#rrggbb`; `share` is how much of the second, 0 to 1. */
export function mix(from: string, to: string, share: number): string {
  const channel = (at: number): string => {
    const a = Number.parseInt(from.slice(at, at + 2), 16);
    const b = Number.parseInt(to.slice(at, at + 2), 16);
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

export function darker(colour: string, share: number): string {
  return mix(colour, "#14120f", share);
}

export function lighter(colour: string, share: number): string {
  return mix(colour, "#fffdf8", share);
}

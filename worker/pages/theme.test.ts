import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("./theme.css", import.meta.url), "utf8");

/** WCAG 2.2, 1.4.3 for text and 1.4.11 for controls, focus and chart series. */
const TEXT_RATIO_MIN = 4.5;
const GRAPHIC_RATIO_MIN = 3;

const BACKGROUNDS = ["ground", "surface", "sunken"];

const TEXT_PAIRS: [string, string][] = [
  ...BACKGROUNDS.flatMap((background): [string, string][] =>
    ["ink", "ink-muted", "accent", "accent-strong", "good", "warn", "bad"].map((text) => [text, background]),
  ),
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["accent", "accent-soft"],
  ["ink", "accent-soft"],
  ["good", "good-soft"],
  ["warn", "warn-soft"],
  ["bad", "bad-soft"],
];

const GRAPHIC_PAIRS: [string, string][] = BACKGROUNDS.flatMap((background): [string, string][] =>
  ["line-strong", "focus", "series-1", "series-2", "series-3", "series-4"].map((mark) => [mark, background]),
);

for (const [scheme, tokens] of Object.entries(schemes(css))) {
  describe(`the ${scheme} theme`, () => {
    test.each(TEXT_PAIRS)("%s is readable on %s", (text, background) => {
      expect(contrast(tokens, text, background)).toBeGreaterThanOrEqual(TEXT_RATIO_MIN);
    });

    test.each(GRAPHIC_PAIRS)("%s can be told from %s", (mark, background) => {
      expect(contrast(tokens, mark, background)).toBeGreaterThanOrEqual(GRAPHIC_RATIO_MIN);
    });
  });
}

function schemes(text: string): { light: Map<string, string>; dark: Map<string, string> } {
  const at = text.indexOf("prefers-color-scheme: dark");
  const light = colours(text.slice(0, at));
  return { light, dark: new Map([...light, ...colours(text.slice(at))]) };
}

function colours(text: string): Map<string, string> {
  return new Map([...text.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
}

function contrast(tokens: Map<string, string>, a: string, b: string): number {
  const [high = 0, low = 0] = [a, b].map((name) => luminance(tokens.get(name))).sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string | undefined): number {
  if (!hex) throw new Error("a colour of the pair is not a token of theme.css");
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

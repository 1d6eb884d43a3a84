import { HASH_RANGE, hash53 } from "../../../collector/stream/hash.ts";
import type { Model } from "./draw.ts";
import { type ColourName, darker, lighter, mix, PALETTE } from "./palette.ts";
import { type ShapeName, shapeOf } from "./shape.ts";

/** The views of a gallery: the studio, close up, and on a coloured wall. */
export const PICTURE_VIEWS = ["studio", "detail", "wall"] as const;
export type PictureView = (typeof PICTURE_VIEWS)[number];

/** Flat things seen from above and hanging ones cast no shadow on the floor. */
const FLOORLESS: ReadonlySet<ShapeName> = new Set([
  "pendant",
  "globe",
  "plate",
  "pan",
  "rug",
  "knife",
  "cutlery",
  "axe",
  "trowel",
  "fork",
  "secateurs",
  "towel",
  "hammock",
  "cushion",
  "board",
  "sleepingbag",
]);
const WEAVES = ["stripes", "dots", "check", "speckle", "plain", "herringbone"] as const;

/**
 * Draws a product as an SVG of 800 × 800. The same input gives the same text for ever, so it can be cached.
 *
 * @param seed - whatever tells two products of one shape apart, for example the product id
 */
export function drawPicture(shape: ShapeName, colour: ColourName, seed: string, view: PictureView): string {
  const model: Model = { vary: (n, low, high) => low + (hash53(seed, n) / HASH_RANGE) * (high - low) };
  const main = PALETTE[colour];
  const wall = wallColour(main, view);
  const marks = shapeOf(shape)(model);
  const focus = `${Math.round(model.vary(91, 300, 420))} ${Math.round(model.vary(92, 320, 440))}`;
  const scene =
    view === "detail"
      ? `<g transform="translate(400 400) scale(1.9) translate(-${focus.replace(" ", " -")})">${marks}</g>`
      : `<g transform="translate(400 410) scale(${view === "wall" ? 0.84 : 1}) translate(-400 -400)">${marks}</g>`;
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800">',
    `<defs>${paints(main)}${weave(model, main)}`,
    '<filter id="soft" x="-50%" y="-200%" width="200%" height="500%"><feGaussianBlur stdDeviation="16"/></filter></defs>',
    backdrop(wall, view),
    view === "detail" || FLOORLESS.has(shape)
      ? ""
      : '<ellipse cx="400" cy="648" rx="250" ry="20" fill="#17130f" opacity=".3" filter="url(#soft)"/>',
    scene,
    "</svg>",
  ].join("");
}

function wallColour(main: string, view: PictureView): string {
  return view === "wall" ? mix(main, "#e6cfae", 0.62) : mix(main, "#f2ede4", 0.9);
}

function backdrop(wall: string, view: PictureView): string {
  const floor = darker(wall, 0.07);
  const arch =
    view === "wall"
      ? `<path d="M150 650 V330 Q150 90 400 90 Q650 90 650 330 V650Z" fill="${lighter(wall, 0.3)}"/>`
      : "";
  return [
    `<radialGradient id="wall" cx=".38" cy=".28" r=".95"><stop offset="0" stop-color="${lighter(wall, 0.55)}"/><stop offset="1" stop-color="${darker(wall, 0.05)}"/></radialGradient>`,
    `<linearGradient id="floor" x2="0" y2="1"><stop offset="0" stop-color="${floor}"/><stop offset="1" stop-color="${lighter(wall, 0.25)}"/></linearGradient>`,
    '<rect width="800" height="800" fill="url(#wall)"/>',
    arch,
    view === "detail" ? "" : '<rect y="600" width="800" height="200" fill="url(#floor)" opacity=".75"/>',
  ].join("");
}

/** The paints that draw.ts names. Round things are lit from the left, flat ones from above. */
function paints(main: string): string {
  return [
    across("main", main),
    down("flat", lighter(main, 0.14), darker(main, 0.1)),
    down("deep", darker(main, 0.2), darker(main, 0.36)),
    down("pale", lighter(main, 0.42), lighter(main, 0.2)),
    across("wood", "#a87950"),
    across("steel", "#bcc4c8"),
    across("iron", "#3d3f43"),
    down("linen", "#f3ead9", "#dccfb8"),
    across("brass", "#c09a52"),
    `<linearGradient id="glass"><stop offset="0" stop-color="#dfeaec" stop-opacity=".75"/><stop offset=".3" stop-color="#fff" stop-opacity=".35"/><stop offset="1" stop-color="#b9ced3" stop-opacity=".7"/></linearGradient>`,
    `<radialGradient id="glow"><stop offset="0" stop-color="#fff6dc"/><stop offset=".55" stop-color="#ffe3a1" stop-opacity=".8"/><stop offset="1" stop-color="#ffd37a" stop-opacity="0"/></radialGradient>`,
  ].join("");
}

function across(id: string, colour: string): string {
  return `<linearGradient id="${id}"><stop offset="0" stop-color="${darker(colour, 0.2)}"/><stop offset=".28" stop-color="${lighter(colour, 0.2)}"/><stop offset=".62" stop-color="${colour}"/><stop offset="1" stop-color="${darker(colour, 0.32)}"/></linearGradient>`;
}

function down(id: string, from: string, to: string): string {
  return `<linearGradient id="${id}" x2="0" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;
}

function weave(model: Model, main: string): string {
  const ink = lighter(main, 0.5);
  const size = Math.round(model.vary(71, 26, 44));
  const half = size / 2;
  const marks: Record<(typeof WEAVES)[number], string> = {
    plain: "",
    stripes: `<rect width="${size}" height="${half / 2}" fill="${ink}" opacity=".35"/>`,
    dots: `<circle cx="${half}" cy="${half}" r="${size / 9}" fill="${ink}" opacity=".5"/>`,
    check: `<rect width="${half}" height="${size}" fill="${ink}" opacity=".16"/><rect width="${size}" height="${half}" fill="${ink}" opacity=".16"/>`,
    speckle: `<circle cx="${size * 0.2}" cy="${size * 0.3}" r="1.8" fill="#2b211a" opacity=".35"/><circle cx="${size * 0.7}" cy="${size * 0.6}" r="1.3" fill="#2b211a" opacity=".3"/><circle cx="${size * 0.45}" cy="${size * 0.9}" r="1.5" fill="${ink}" opacity=".5"/>`,
    herringbone: `<path d="M0 0L${half} ${half}L${size} 0M0 ${half}L${half} ${size}L${size} ${half}" fill="none" stroke="${ink}" stroke-width="3" opacity=".3"/>`,
  };
  const name = WEAVES[Math.floor(model.vary(70, 0, WEAVES.length))] ?? "plain";
  return `<pattern id="weave" width="${size}" height="${size}" patternUnits="userSpaceOnUse">${marks[name]}</pattern>`;
}

import { BAGS } from "./bags.ts";
import { CAMPING } from "./camping.ts";
import type { Entry } from "./entry.ts";
import { FURNITURE } from "./furniture.ts";
import { GARDEN } from "./garden.ts";
import { KITCHEN } from "./kitchen.ts";
import { LIGHTING } from "./lighting.ts";
import { OUTERWEAR } from "./outerwear.ts";
import { TABLEWARE } from "./tableware.ts";
import { TEXTILES } from "./textiles.ts";

export interface Category {
  id: string;
  /** First letters of its product ids. */
  prefix: string;
  name: string;
  blurb: string;
  /** What the shop says about anything in it; a product shows a few of them. */
  details: readonly string[];
  range: readonly Entry[];
}

export const CATEGORIES: readonly Category[] = [
  {
    id: "lighting",
    prefix: "LI",
    name: "Lighting",
    blurb: "Pools of light for tables, corners and late chapters.",
    details: [
      "E27 socket, LED bulb included (2700 K, 470 lm)",
      "Fabric cable, 2.5 m, with a rotary dimmer",
      "Shade and body can be replaced separately",
      "Tested to EN 60598, five-year guarantee",
      "Ships in plastic-free packaging",
    ],
    range: LIGHTING,
  },
  {
    id: "furniture",
    prefix: "FU",
    name: "Furniture",
    blurb: "Solid timber, honest joints, and room for people.",
    details: [
      "FSC-certified European timber, hardwax oil finish",
      "Arrives assembled or with four bolts and a key",
      "Spare parts kept for twenty years",
      "Felt glides for wooden floors included",
      "Delivered to the room of your choice",
    ],
    range: FURNITURE,
  },
  {
    id: "kitchen",
    prefix: "KI",
    name: "Kitchen",
    blurb: "Tools that get better with use and outlive the recipe.",
    details: [
      "Works on induction, gas and in the oven to 250 °C",
      "Free of PFAS, nickel and lead",
      "Hand wash recommended, dishwasher survived",
      "Repair service for handles and seals",
      "Made in a family workshop in northern Portugal",
    ],
    range: KITCHEN,
  },
  {
    id: "tableware",
    prefix: "TA",
    name: "Tableware",
    blurb: "Glaze, glass and steel for suppers that run long.",
    details: [
      "Dishwasher and microwave safe",
      "Every piece differs slightly in glaze and weight",
      "Single replacements always available",
      "Lead-free glaze, food safe to EN 1388",
      "Packed in recycled paper, broken pieces replaced",
    ],
    range: TABLEWARE,
  },
  {
    id: "textiles",
    prefix: "TE",
    name: "Textiles",
    blurb: "Wool, linen and cotton with a good hand.",
    details: [
      "OEKO-TEX Standard 100, class 1",
      "Wash at 30 °C, line dry",
      "Woven in mills with traceable yarn",
      "Pre-washed, shrinks less than two per cent",
      "Mending kit with matching yarn included",
    ],
    range: TEXTILES,
  },
  {
    id: "bags",
    prefix: "BA",
    name: "Bags",
    blurb: "For one day, two nights, or the way to work.",
    details: [
      "Waxed cotton or recycled 420D nylon",
      "YKK zips, bar-tacked at every stress point",
      "Free repairs for ten years",
      "Water-repellent, PFC-free finish",
      "Fits cabin rules of all European airlines",
    ],
    range: BAGS,
  },
  {
    id: "camping",
    prefix: "CA",
    name: "Camping",
    blurb: "Light enough to carry, sturdy enough to trust.",
    details: [
      "Field-tested for two seasons before it is sold",
      "Spare parts and repair tape included",
      "Packs into its own bag",
      "Waterproof to 3,000 mm where it has to be",
      "Weight as stated, checked on our scales",
    ],
    range: CAMPING,
  },
  {
    id: "outerwear",
    prefix: "OU",
    name: "Outerwear",
    blurb: "Layers for weather that has not decided yet.",
    details: [
      "Fits true to size; between two sizes take the larger",
      "Mulesing-free wool or recycled polyester",
      "Wash cold, reproof once a year",
      "Alterations and repairs in our workshop",
      "Bluesign-approved fabric",
    ],
    range: OUTERWEAR,
  },
  {
    id: "garden",
    prefix: "GA",
    name: "Garden",
    blurb: "For balconies, borders and the first warm evening.",
    details: [
      "Frost-proof to minus fifteen degrees",
      "Forged and finished by hand",
      "Untreated timber from storm-felled trees",
      "Blades can be sharpened in our workshop",
      "Comes with a leaflet on what to plant when",
    ],
    range: GARDEN,
  },
];

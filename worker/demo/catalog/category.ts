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
      "Metal parts powder-coated or lacquered by hand",
      "Every wearing part can be replaced",
      "Tested by an independent laboratory",
      "Five-year guarantee",
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
      "Free of PFAS, nickel and lead",
      "Food safe, tested every year",
      "Best washed by hand and dried at once",
      "Repair service for as long as we sell it",
      "Packed in recycled card",
    ],
    range: KITCHEN,
  },
  {
    id: "tableware",
    prefix: "TA",
    name: "Tableware",
    blurb: "Glaze, glass and steel for suppers that run long.",
    details: [
      "Every piece differs slightly in tone and weight",
      "Single replacements always available",
      "Food safe, free of lead and cadmium",
      "Made in a workshop of nine people",
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
      "Gentle wash at 30 °C, line dry",
      "Woven in mills with traceable yarn",
      "Pre-washed, shrinks less than two per cent",
      "Mending yarn in the same colour included",
    ],
    range: TEXTILES,
  },
  {
    id: "bags",
    prefix: "BA",
    name: "Bags",
    blurb: "For one day, two nights, or the way to work.",
    details: [
      "Water-repellent finish without PFC",
      "Every stress point sewn twice",
      "Free repairs for ten years",
      "Solid brass or steel fittings",
      "Lining you can see into",
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
      "Spare parts on our shelf for ten years",
      "Packs small, weighs what we say",
      "Checked on our own scales",
      "Repair service all year round",
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
      "Materials traceable to the farm or the mill",
      "Air it often, wash it seldom",
      "Alterations and repairs in our workshop",
      "Free of PFC and harmful dyes",
    ],
    range: OUTERWEAR,
  },
  {
    id: "garden",
    prefix: "GA",
    name: "Garden",
    blurb: "For balconies, borders and the first warm evening.",
    details: [
      "Made for the weather, every month of the year",
      "Finished by hand",
      "Spare parts and sharpening in our workshop",
      "Made within a day's drive of our warehouse",
      "Comes with a leaflet on what to plant when",
    ],
    range: GARDEN,
  },
];

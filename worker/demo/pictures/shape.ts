import * as bags from "./bags.ts";
import * as camping from "./camping.ts";
import type { Shape } from "./draw.ts";
import * as furniture from "./furniture.ts";
import * as garden from "./garden.ts";
import * as kitchen from "./kitchen.ts";
import * as lighting from "./lighting.ts";
import * as outerwear from "./outerwear.ts";
import * as tableware from "./tableware.ts";
import * as textiles from "./textiles.ts";

const SHAPES = {
  ...lighting,
  ...furniture,
  ...kitchen,
  ...tableware,
  ...textiles,
  ...bags,
  ...camping,
  ...outerwear,
  ...garden,
} satisfies Record<string, Shape>;

/** What a product looks like, and so also what kind of thing it is. */
export type ShapeName = keyof typeof SHAPES;

export function shapeOf(name: ShapeName): Shape {
  return SHAPES[name];
}

/** How a shopper calls the kind: the filter and the breadcrumb. */
export const KINDS: Record<ShapeName, string> = {
  pendant: "Pendant lamps",
  globe: "Globe lamps",
  desklamp: "Desk lamps",
  tablelamp: "Table lamps",
  floorlamp: "Floor lamps",
  lantern: "Lanterns",
  candle: "Candles",
  chair: "Chairs",
  armchair: "Armchairs",
  stool: "Stools",
  table: "Tables",
  shelf: "Shelves",
  bench: "Benches",
  sideboard: "Sideboards",
  pot: "Pots",
  pan: "Pans",
  kettle: "Kettles",
  knife: "Knives",
  board: "Boards",
  mill: "Mills",
  moka: "Coffee makers",
  press: "Coffee makers",
  jar: "Storage",
  plate: "Plates",
  bowl: "Bowls",
  mug: "Mugs",
  glass: "Glasses",
  wineglass: "Wine glasses",
  carafe: "Carafes and jugs",
  cutlery: "Cutlery",
  blanket: "Blankets",
  cushion: "Cushions",
  towel: "Towels and linen",
  rug: "Rugs",
  bedding: "Bedding",
  backpack: "Backpacks",
  tote: "Totes",
  duffel: "Duffels",
  sling: "Slings",
  messenger: "Messenger bags",
  pouch: "Pouches",
  tent: "Tents",
  sleepingbag: "Sleeping bags",
  stove: "Stoves",
  bottle: "Bottles",
  campchair: "Camp chairs",
  headlamp: "Headlamps",
  hammock: "Hammocks",
  axe: "Axes",
  jacket: "Jackets",
  sweater: "Sweaters",
  beanie: "Hats",
  socks: "Socks",
  gloves: "Gloves",
  boots: "Boots",
  scarf: "Scarves",
  planter: "Planters",
  wateringcan: "Watering cans",
  trowel: "Hand tools",
  fork: "Hand tools",
  secateurs: "Secateurs",
  birdhouse: "Bird and insect houses",
  basket: "Baskets",
  firebowl: "Fire",
};

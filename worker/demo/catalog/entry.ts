import type { ColourName } from "../pictures/palette.ts";
import type { ShapeName } from "../pictures/shape.ts";

/** One line of a category's range, as a buyer would write it down. */
export type Entry = readonly [
  name: string,
  brand: string,
  euros: number,
  shape: ShapeName,
  colours: readonly ColourName[],
  summary: string,
];

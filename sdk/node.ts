/** A thing that a page describes, as schema.org names its properties. */
export type Node = Record<string, unknown>;

/** One thing, or several, or none. */
export function asList(value: unknown): Node[] {
  return [value].flat().filter((entry): entry is Node => typeof entry === "object" && entry !== null);
}

import type { CatalogItem } from "../event/catalog.ts";
import { HASH_RANGE, hash53 } from "../stream/hash.ts";

/**
 * A page of the catalogue is text, one line for each item, so that an item is found without reading the others.
 * Pages are ranges of hashes: a page splits into two without a look at the rest.
 */

/** The item's line, or undefined. Text begins and ends with a line feed. */
export function findItem(text: string, id: string): CatalogItem | undefined {
  const from = text.indexOf(`\n{"id":${JSON.stringify(id)}`);
  if (from < 0) return undefined;
  return JSON.parse(text.slice(from + 1, text.indexOf("\n", from + 1))) as CatalogItem;
}

/** All items, in the order of their positions. */
export function readItems(text: string): CatalogItem[] {
  const items = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as CatalogItem]));
  return items.sort((a, b) => hash53(a.id) - hash53(b.id) || (a.id < b.id ? -1 : 1));
}

/** The page with these in the place of what it had of them. */
export function replaceItems(text: string, changed: ReadonlyMap<string, CatalogItem>): string {
  const kept = text.split("\n").filter((line) => line !== "" && !changed.has(idOf(line)));
  return pageOf([...kept, ...[...changed.values()].map((item) => JSON.stringify(item))]);
}

/** The page as two, each with one half of the range. */
export function splitPage(text: string, number: number, pages: number): [lower: string, upper: string] {
  const halves: [string[], string[]] = [[], []];
  for (const line of text.split("\n"))
    if (line !== "") halves[pageOfId(idOf(line), pages * 2) - number * 2]?.push(line);
  return [pageOf(halves[0]), pageOf(halves[1])];
}

export function pageOfId(id: string, pages: number): number {
  return pageAt(hash53(id), pages);
}

/** @param position - a hash */
export function pageAt(position: number, pages: number): number {
  return Math.min(pages - 1, Math.floor((position / HASH_RANGE) * pages));
}

function pageOf(lines: readonly string[]): string {
  return lines.length === 0 ? "\n" : `\n${lines.join("\n")}\n`;
}

function idOf(line: string): string {
  const end = /^\{"id":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return JSON.parse(end ?? '""') as string;
}

/** A product as `GET /demo/catalog.json` lists it: what a shopper can see. */
export interface CatalogItem {
  id: string;
  name: string;
  brand: string;
  category: string;
  kind: string;
  priceMinor: number;
  stock: number;
  rating: number;
  onSale: boolean;
  url: string;
  image: string;
}

/** What belongs together in a shopper's mind. Recommendations have to find this out from clicks alone. */
const PROJECTS: readonly (readonly string[])[] = [
  ["Tents", "Sleeping bags", "Stoves", "Headlamps", "Camp chairs", "Hammocks"],
  ["Backpacks", "Bottles", "Boots", "Socks"],
  ["Jackets", "Hats", "Gloves", "Scarves", "Sweaters"],
  ["Kettles", "Coffee makers", "Mugs"],
  ["Pots", "Pans", "Knives", "Boards", "Mills"],
  ["Plates", "Bowls", "Cutlery", "Glasses", "Wine glasses", "Carafes and jugs"],
  ["Armchairs", "Blankets", "Cushions", "Floor lamps", "Rugs"],
  ["Tables", "Chairs", "Benches", "Pendant lamps", "Sideboards"],
  ["Bedding", "Towels and linen", "Candles", "Table lamps"],
  ["Planters", "Watering cans", "Hand tools", "Secateurs", "Bird and insect houses"],
  ["Fire", "Lanterns", "Axes", "Baskets"],
  ["Duffels", "Pouches", "Slings", "Totes", "Messenger bags"],
  ["Desk lamps", "Globe lamps", "Shelves", "Storage", "Stools"],
];

export interface Catalog {
  items: readonly CatalogItem[];
  byKind: ReadonlyMap<string, readonly CatalogItem[]>;
  byCategory: ReadonlyMap<string, readonly CatalogItem[]>;
  /** Kinds that go with a kind. */
  complements: ReadonlyMap<string, readonly string[]>;
}

export function catalogOf(items: readonly CatalogItem[]): Catalog {
  const complements = new Map<string, string[]>();
  for (const project of PROJECTS) {
    for (const kind of project)
      complements.set(
        kind,
        project.filter((other) => other !== kind),
      );
  }
  return {
    items,
    byKind: grouped(items, (item) => item.kind),
    byCategory: grouped(items, (item) => item.category),
    complements,
  };
}

/** Reads the answer of /demo/catalog.json; undefined when it is not one. */
export function readCatalog(answer: unknown): Catalog | undefined {
  const products = (answer as { products?: unknown } | null)?.products;
  if (!Array.isArray(products)) return undefined;
  const items = products.filter(isItem);
  return items.length === 0 ? undefined : catalogOf(items);
}

function isItem(value: unknown): value is CatalogItem {
  const item = value as Partial<CatalogItem> | null;
  return (
    typeof item?.id === "string" &&
    typeof item.kind === "string" &&
    typeof item.category === "string" &&
    typeof item.priceMinor === "number" &&
    typeof item.url === "string" &&
    typeof item.name === "string"
  );
}

function grouped(
  items: readonly CatalogItem[],
  key: (item: CatalogItem) => string,
): Map<string, CatalogItem[]> {
  const groups = new Map<string, CatalogItem[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

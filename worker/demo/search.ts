import { PRODUCTS, type Product } from "./catalog/product.ts";

/** Longer queries are cut: nobody types them. */
const QUERY_TERMS_MAX = 8;

/** How much a term counts by where it was found. */
const WEIGHTS = { name: 10, kind: 6, category: 5, brand: 5, colour: 3, summary: 2 } as const;

interface Field {
  weight: number;
  words: string[];
}

const INDEX: { product: Product; fields: Field[] }[] = PRODUCTS.map((product) => ({
  product,
  fields: [
    { weight: WEIGHTS.name, words: words(product.name) },
    { weight: WEIGHTS.kind, words: words(product.kind) },
    { weight: WEIGHTS.category, words: words(product.category.name) },
    { weight: WEIGHTS.brand, words: words(product.brand) },
    { weight: WEIGHTS.colour, words: product.colours.flatMap(words) },
    { weight: WEIGHTS.summary, words: words(product.summary) },
  ],
}));

/**
 * Products that match every word of the query, best first. A missing, doubled or wrong letter is forgiven
 * when nothing matches as it was typed: whoever asks for wool does not want wood.
 */
export function search(query: string): Product[] {
  const terms = words(query).slice(0, QUERY_TERMS_MAX);
  if (terms.length === 0) return [];
  const exact = ranked(terms, likeness);
  return exact.length > 0
    ? exact
    : ranked(terms, (term, word) => likeness(term, word) || nearness(term, word));
}

/** How much a word of the query is like a word of a product, 0 to 1. */
type Likeness = (term: string, word: string) => number;

function ranked(terms: string[], likenessOf: Likeness): Product[] {
  return INDEX.map(({ product, fields }) => ({ product, score: scoreOf(terms, fields, likenessOf) }))
    .filter((hit) => hit.score > 0)
    .sort(
      (a, b) =>
        b.score - a.score || b.product.rating - a.product.rating || (a.product.id < b.product.id ? -1 : 1),
    )
    .map((hit) => hit.product);
}

/** Zero as soon as one term is found nowhere. */
function scoreOf(terms: string[], fields: Field[], likenessOf: Likeness): number {
  let total = 0;
  for (const term of terms) {
    let best = 0;
    for (const field of fields) {
      for (const word of field.words) best = Math.max(best, field.weight * likenessOf(term, word));
    }
    if (best === 0) return 0;
    total += best;
  }
  return total;
}

/** 1 for the same word, less for its beginning. */
function likeness(term: string, word: string): number {
  if (term === word) return 1;
  return term.length >= 3 && word.startsWith(term) ? 0.7 : 0;
}

function nearness(term: string, word: string): number {
  return term.length >= 4 && isOneEditAway(term, word) ? 0.4 : 0;
}

function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  const swapped = a[start] === b[start + 1] && a[start + 1] === b[start];
  if (swapped && a.slice(start + 2) === b.slice(start + 2)) return true;
  const skipA = a.slice(start + (a.length >= b.length ? 1 : 0));
  const skipB = b.slice(start + (b.length >= a.length ? 1 : 0));
  return skipA === skipB;
}

/** Lower case, without accents, singular: "Bouclé Cushions" is ["boucle", "cushion"]. */
function words(text: string): string[] {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f'’]/g, "")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "")
    .map(singular);
}

function singular(word: string): string {
  if (word.length > 4 && /(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word === "knives" || word === "shelves" || word === "scarves") return `${word.slice(0, -3)}f`;
  if (word === "knife") return "knif";
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

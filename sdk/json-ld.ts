import { asList, type Node } from "./node.ts";

/** Nodes that are looked at; a page with more is not describing itself. */
const NODES_MAX = 200;

/** What the page's JSON-LD describes. */
export function jsonLdNodes(document: ParentNode): Node[] {
  const nodes: Node[] = [];
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      collect(JSON.parse(script.textContent ?? ""), nodes);
    } catch {
      // A block with a syntax error says nothing; the others may.
    }
  }
  return nodes;
}

/** The nodes that describe the page: top level, `@graph`, and what a page calls its main entity. */
function collect(value: unknown, nodes: Node[]): void {
  for (const node of asList(value)) {
    if (nodes.length >= NODES_MAX) return;
    nodes.push(node);
    collect(node["@graph"], nodes);
    collect(node.mainEntity, nodes);
  }
}

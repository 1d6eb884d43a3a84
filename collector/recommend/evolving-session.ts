/**
 * The running session as the request sees it: what the model has learned of it, and the newest clicks that the
 * request names and the model has not seen yet. Both are oldest first.
 *
 * `known` may be cut at its old end, `recent` at both ends; so the join is where they overlap most, and a request
 * that is behind the model adds nothing.
 */
export function joinRecent(known: readonly string[], recent: readonly string[]): string[] {
  const seen = withoutReloads(known);
  const told = withoutReloads(recent);
  for (let from = 0; from + told.length <= seen.length; from++) {
    if (told.every((id, i) => id === seen[from + i])) return seen;
  }
  for (let length = told.length - 1; length > 0; length--) {
    if (length <= seen.length && endsWith(seen, told.slice(0, length))) {
      return withoutReloads([...seen, ...told.slice(length)]);
    }
  }
  for (let length = told.length; length > seen.length && seen.length > 0; length--) {
    if (endsWith(told.slice(0, length), seen)) return withoutReloads([...seen, ...told.slice(length)]);
  }
  return withoutReloads([...seen, ...told]);
}

function endsWith(ids: readonly string[], tail: readonly string[]): boolean {
  const from = ids.length - tail.length;
  return from >= 0 && tail.every((id, i) => id === ids[from + i]);
}

/** The same item twice in a row is one look at it. */
function withoutReloads(ids: readonly string[]): string[] {
  return ids.filter((id, i) => i === 0 || id !== ids[i - 1]);
}

import type { AppContext } from "./context.ts";

/**
 * Adds header fields to a finished answer. `c.header` makes a copy of the whole answer at each call; here it is
 * copied once at most, where nobody may change its headers: an answer that came from a `fetch`.
 */
export function addHeaders(c: AppContext, fields: Record<string, string>): void {
  const [first, ...others] = Object.entries(fields);
  if (!first) return;
  try {
    c.res.headers.set(...first);
  } catch {
    c.header(...first);
  }
  for (const [name, value] of others) c.res.headers.set(name, value);
}

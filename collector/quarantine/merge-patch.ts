import { isObject } from "../ingest/fields.ts";

/** RFC 7396: what `null` names goes, objects are merged, all else is replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  // Defines its keys instead of assigning them, so that `__proto__` is one like others.
  return Object.fromEntries(merged);
}

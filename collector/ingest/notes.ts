import { FIXES_MAX } from "../event/limits.ts";
import type { Finding, RejectCode } from "../event/reject.ts";

/** What decoding one event has found out: the first reason against it, and what was corrected. */
export interface Notes {
  finding?: Finding;
  readonly fixes: Set<string>;
}

export function newNotes(): Notes {
  return { fixes: new Set() };
}

/** The first reason stays; later ones are often its consequences. */
export function reject(notes: Notes, pointer: string, code: RejectCode): undefined {
  notes.finding ??= { pointer, code };
  return undefined;
}

export function fix(notes: Notes, what: string): void {
  if (notes.fixes.size < FIXES_MAX) notes.fixes.add(what);
}

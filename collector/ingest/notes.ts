import { FIXES_MAX, ORIGINAL_LENGTH_MAX, ORIGINALS_MAX } from "../event/limits.ts";
import type { Finding, RejectCode } from "../event/reject.ts";
import { type FixRule, type FixSwitches, isOn } from "./fix-rules.ts";
import { maskAny } from "./privacy/mask-url.ts";
import type { Work } from "./privacy/work.ts";
import { cutText } from "./text.ts";

/** What decoding one event has found out: the first reason against it, and what was corrected. */
export interface Notes {
  finding?: Finding;
  readonly fixes: Set<string>;
  /** What stood where a correction lost it, by JSON pointer into the event. */
  originals?: Record<string, string>;
  readonly switches: FixSwitches;
  /** Pointer to the event itself. */
  readonly root: string;
  /** What the whole batch may still spend on masking. */
  readonly work: Work;
}

export function newNotes(work: Work, switches: FixSwitches = {}, root = ""): Notes {
  return { fixes: new Set(), switches, root, work };
}

/** The first reason stays; later ones are often its consequences. */
export function reject(notes: Notes, pointer: string, code: RejectCode): undefined {
  notes.finding ??= { pointer, code };
  return undefined;
}

export function fix(notes: Notes, what: string): void {
  if (notes.fixes.size < FIXES_MAX) notes.fixes.add(what);
}

/** Records a correction by a rule, and what it loses. False when the site does not want it: then do not correct. */
export function repair(
  notes: Notes,
  rule: FixRule,
  what: string,
  field: { value: unknown; pointer: string },
): boolean {
  if (!isOn(notes.switches, rule)) return false;
  fix(notes, what);
  keepOriginal(notes, field);
  return true;
}

/** Masked like all that is kept, and bounded: beyond the bound the rule's name is what remains. */
export function keepOriginal(notes: Notes, field: { value: unknown; pointer: string }): void {
  if (typeof field.value === "object") return;
  notes.originals ??= {};
  if (Object.keys(notes.originals).length >= ORIGINALS_MAX) return;
  const text = cutText(String(field.value), ORIGINAL_LENGTH_MAX * 2).toWellFormed();
  notes.originals[field.pointer.slice(notes.root.length)] = cutText(
    maskAny(text, notes.work),
    ORIGINAL_LENGTH_MAX,
  );
}

import { ID_LENGTH_MAX } from "../event/limits.ts";
import type { RejectCode } from "../event/reject.ts";
import { fix, type Notes, reject, repair } from "./notes.ts";
import { isPrivateId, isPrivatePersonId } from "./privacy/mask-text.ts";
import { maskAny } from "./privacy/mask-url.ts";
import { MASK } from "./privacy/span.ts";
import { take, type Work } from "./privacy/work.ts";
import { cleanText } from "./text.ts";

/** A value as it was sent, with the JSON pointer to it. */
export interface Field {
  value: unknown;
  pointer: string;
}

/** Stands for an id that was private, so that equal ids stay equal; keyed, so that nobody can guess backwards. */
export type Pseudonym = (id: string) => string;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a field counts as sent: GA4 snippets send `null`, `undefined` and empty texts for "none". */
export function isGiven(field: Field | undefined): field is Field {
  return field !== undefined && field.value !== null && field.value !== undefined && field.value !== "";
}

/** Optional free text under its name in `fixes`. Numbers and booleans become text; objects are not text. */
export function readText(
  field: Field | undefined,
  name: string,
  lengthMax: number,
  notes: Notes,
  mask: (text: string, work?: Work) => string = maskAny,
): string | undefined {
  if (!isGiven(field)) return undefined;
  if (typeof field.value === "object") return reject(notes, field.pointer, "field_invalid");
  const text = cleanText(
    String(field.value),
    lengthMax,
    (what) => fix(notes, `${name}:${what}`),
    mask,
    notes.work,
  );
  return text === "" ? undefined : text;
}

/** An id: text or a number, kept as it is but trimmed; private ids are replaced. */
export function readId(
  field: Field | undefined,
  name: string,
  notes: Notes,
  missing: { pointer: string; code: RejectCode } | undefined,
  pseudonym: Pseudonym | undefined,
): string | undefined {
  if (!isGiven(field)) return missing && reject(notes, missing.pointer, missing.code);
  const id = idText(field.value);
  if (id === undefined) return reject(notes, field.pointer, "id_invalid");
  if (typeof field.value === "string" && field.value !== id) {
    if (field.value.trim() !== field.value && !repair(notes, "trim", `${name}:trim`, field))
      return reject(notes, field.pointer, "id_invalid");
    if (!field.value.isWellFormed()) fix(notes, `${name}:wellformed`);
  }
  const isPrivate = isPrivateId(id, notes.work);
  if (isPrivate && pseudonym) take(notes.work, PSEUDONYM_LOOKS);
  // A text that nobody looked at can be masked whole; an id without its value is another id.
  if (notes.work.looksLeft < 0 && isPrivate) return reject(notes, field.pointer, "work_exceeded");
  if (!isPrivate) return id;
  fix(notes, `${name}:masked`);
  return maskedId(id, pseudonym);
}

/** A keyed hash costs as much as this many looks. */
const PSEUDONYM_LOOKS = 512;

/**
 * The id of a session or a stream. It says where events live, so every route has to take it in this way: a
 * private one becomes the same pseudonym everywhere. Undefined when it cannot be one.
 */
export function placeId(value: unknown, pseudonym: Pseudonym | undefined): string | undefined {
  const id = idText(value);
  if (id === undefined || !String(value).isWellFormed()) return undefined;
  return isPrivatePersonId(id) ? pseudonym && maskedId(id, pseudonym) : id;
}

/** The id of a visitor or a user; undefined when none was sent. */
export function personId(value: unknown, pseudonym: Pseudonym | undefined): string | undefined {
  const id = value === "" ? undefined : idText(value);
  if (id === undefined || !isPrivatePersonId(id)) return id;
  // Without a key for pseudonyms all private ids would become one person.
  return pseudonym && maskedId(id, pseudonym);
}

/** The id of an item that somebody asks about, as `readId` keeps it in events. */
export function itemId(value: string, pseudonym: Pseudonym): string | undefined {
  const id = idText(value);
  return id !== undefined && isPrivateId(id) ? maskedId(id, pseudonym) : id;
}

/** An id as it may be kept, undefined when it cannot be one. */
export function idText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  if (typeof value === "number" && !Number.isFinite(value)) return undefined;
  const raw = String(value);
  if (raw.length > ID_LENGTH_MAX * 2) return undefined;
  const id = raw.toWellFormed().trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an id with control characters is a broken id
  if (id === "" || id.length > ID_LENGTH_MAX || /[\u0000-\u001f\u007f-\u009f]/.test(id)) return undefined;
  return id;
}

function maskedId(id: string, pseudonym: Pseudonym | undefined): string {
  return pseudonym ? `${MASK}${pseudonym(id)}` : MASK;
}

import { NAME_LENGTH_MAX, PROPS_MAX, TEXT_LENGTH_MAX } from "../event/limits.ts";
import type { Field } from "./fields.ts";
import { fix, type Notes } from "./notes.ts";
import { maskedJson } from "./privacy/mask-json.ts";
import { maskText } from "./privacy/mask-text.ts";
import { maskAny } from "./privacy/mask-url.ts";
import { isSensitiveProperty } from "./privacy/sensitive-name.ts";
import { MASK } from "./privacy/span.ts";
import type { Work } from "./privacy/work.ts";
import { cleanText } from "./text.ts";

export type Props = Record<string, string | number | boolean>;

/** Keys that mean something to the language itself. */
const LANGUAGE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** What the contract does not name, flat and bounded. What is left out is recorded as `props:dropped`. */
export function readProps(extras: Iterable<[key: string, field: Field]>, notes: Notes): Props | undefined {
  const props: Props = {};
  let count = 0;
  for (const [rawKey, { value }] of extras) {
    if (value === null || value === undefined) continue;
    const key = propKey(rawKey, notes.work);
    const prop = key === undefined || count === PROPS_MAX ? undefined : propValue(key, value, notes);
    if (key === undefined || prop === undefined || Object.hasOwn(props, key)) {
      fix(notes, "props:dropped");
      if (count === PROPS_MAX) break;
      continue;
    }
    props[key] = prop;
    count++;
  }
  return count > 0 ? props : undefined;
}

function propKey(raw: string, work: Work): string | undefined {
  const key = raw.length <= NAME_LENGTH_MAX ? cleanText(raw, NAME_LENGTH_MAX, () => {}, maskText, work) : "";
  return key === "" || LANGUAGE_KEYS.has(key) || maskText(raw, work) !== raw ? undefined : key;
}

function propValue(key: string, value: unknown, notes: Notes): string | number | boolean | undefined {
  const note = (what: string): void => fix(notes, `props:${what}`);
  if (isSensitiveProperty(key) && value !== "") {
    note("masked");
    return MASK;
  }
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return cleanText(value, TEXT_LENGTH_MAX, note, maskAny, notes.work);
    case "number":
      if (!Number.isFinite(value)) return undefined;
      if (maskText(String(value)) === String(value)) return value;
      note("masked");
      return MASK;
    case "object":
      note("nested");
      return maskedJson(value, TEXT_LENGTH_MAX, notes.work);
    default:
      return undefined;
  }
}

/** JSON text for people, and where in it a pointer points. */
export interface PointedJson {
  text: string;
  /** The member that the pointer names, key included; undefined when there is none. */
  range?: [from: number, to: number];
}

/**
 * The pointer into an event of a pointer into the body that it came in: `/events/3/value` is `/value`.
 * What is no pointer into an event stays as it is.
 */
export function eventPointer(pointer: string): string {
  return pointer.replace(/^\/events\/\d+(?=\/|$)/, "");
}

/** Indented JSON of any value. A text that is no JSON is given back as it is, without a range. */
export function pointedJson(json: string, pointer: string): PointedJson {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { text: json };
  }
  const tokens = pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const out: PointedJson = { text: "" };
  write(value, 0, tokens, tokens.length === 0, out);
  return out;
}

/** @param path - what is left of the pointer, undefined away from its way */
function write(
  value: unknown,
  depth: number,
  path: string[] | undefined,
  isTarget: boolean,
  out: PointedJson,
): void {
  const from = out.text.length;
  if (typeof value !== "object" || value === null) out.text += JSON.stringify(value) ?? "null";
  else {
    const isList = Array.isArray(value);
    const members = Object.entries(value);
    const indent = "  ".repeat(depth + 1);
    out.text += isList ? "[" : "{";
    for (const [at, [key, member]] of members.entries()) {
      out.text += `${at > 0 ? "," : ""}\n${indent}`;
      const memberFrom = out.text.length;
      if (!isList) out.text += `${JSON.stringify(key)}: `;
      const rest = path?.[0] === key ? path.slice(1) : undefined;
      write(member, depth + 1, rest, false, out);
      if (rest?.length === 0) out.range = [memberFrom, out.text.length];
    }
    if (members.length > 0) out.text += `\n${"  ".repeat(depth)}`;
    out.text += isList ? "]" : "}";
  }
  if (isTarget) out.range = [from, out.text.length];
}

import type { QuarantineCursor } from "../../collector/quarantine/page.ts";

/** `<id>-<index>` for each shard, `_` for one that was not begun; readers should not look inside. */
const CURSOR = /^(?:_|\d{1,16}-\d{1,6})(?:\.(?:_|\d{1,16}-\d{1,6})){0,63}$/;

export function formatCursor(cursor: QuarantineCursor): string {
  return cursor.map((place) => (place ? `${place.id}-${place.index}` : "_")).join(".");
}

/** Undefined when the text is not one of ours. */
export function parseCursor(text: string): QuarantineCursor | undefined {
  if (!CURSOR.test(text)) return undefined;
  return text.split(".").map((place) => {
    if (place === "_") return undefined;
    const [id = 0, index = 0] = place.split("-").map(Number);
    return { id, index };
  });
}

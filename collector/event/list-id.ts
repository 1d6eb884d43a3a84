/** Who made a list: the model, or what the hold-out group gets instead. */
export type Variant = "model" | "control";

/**
 * What a list of recommendations was, read back from the `itemListId` of its impressions and clicks. Whoever sends
 * events can write any of it.
 */
export interface ListName {
  placement: string;
  variant: Variant;
  /** What kind of list was asked for, for example `session` or `similar`. */
  kind: string;
}

const PREFIX = "rec:";
/** UTF-16 units of a placement and of a kind; with the request in letters a list id has at most 128. */
const PLACEMENT_LENGTH_MAX = 48;
const KIND_LENGTH_MAX = 24;
/** A card number has 13. */
const DIGITS_MAX = 9;
const NO_PLACEMENT = "default";
const KIND_DEFAULT = "session";
/** Where every digit of a request id goes: a run of digits could be taken for a card number and masked. */
const LETTERS = "abcdefghijklmnop";

/** `rec:<placement>:<variant>:<request>:<kind>`: goes into every answer, and comes back with what a page shows. */
export function listId(
  list: Omit<ListName, "placement"> & { placement?: string | undefined; requestId: string },
): string {
  return `${PREFIX}${plain(list.placement ?? "", PLACEMENT_LENGTH_MAX) || NO_PLACEMENT}:${list.variant}:${inLetters(list.requestId)}:${plain(list.kind, KIND_LENGTH_MAX)}`;
}

/** Undefined for the lists of a shop itself, and for what earlier versions called theirs. */
export function readListId(text: string | undefined): ListName | undefined {
  if (!text?.startsWith(PREFIX)) return undefined;
  const [placement = "", variant, request = "", kind = KIND_DEFAULT, ...more] = text
    .slice(PREFIX.length)
    .split(":");
  if (variant !== "model" && variant !== "control") return undefined;
  if (placement === "" || request === "" || kind === "" || more.length > 0) return undefined;
  if (plain(placement, PLACEMENT_LENGTH_MAX) !== placement || plain(kind, KIND_LENGTH_MAX) !== kind)
    return undefined;
  return { placement, variant, kind };
}

/** Letters, digits, `_` and `-`, with so few digits that masking leaves the id alone. */
function plain(text: string, lengthMax: number): string {
  const kept = text.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, lengthMax);
  return kept.replaceAll(/\D/g, "").length > DIGITS_MAX ? kept.replaceAll(/\d/g, "") : kept;
}

function inLetters(requestId: string): string {
  const digits = requestId.replaceAll(/[^0-9a-f]/gi, "").slice(0, 32);
  return [...digits].map((digit) => LETTERS[Number.parseInt(digit, 16)]).join("") || LETTERS.charAt(0);
}

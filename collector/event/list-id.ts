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

/** What a list is called by. */
export type NewList = Omit<ListName, "placement"> & { placement?: string | undefined };

/** `rec:<placement>:<variant>:<request>:<kind>`: goes into every answer, and comes back with what a page shows. */
export function listId({ placement, variant, kind, requestId }: NewList & { requestId: string }): string {
  return named({ placement, variant, kind }, inLetters(requestId));
}

/** Those of one request, at most 16, no two alike: one that would be has one letter more in its request, its place. */
export function listIds(lists: readonly NewList[], requestId: string): string[] {
  const ids = new Set<string>();
  for (const [at, list] of lists.entries()) {
    const id = listId({ ...list, requestId });
    ids.add(ids.has(id) ? named(list, inLetters(requestId) + LETTERS.charAt(at)) : id);
  }
  return [...ids];
}

function named({ placement = "", variant, kind }: NewList, request: string): string {
  return `${PREFIX}${plain(placement, PLACEMENT_LENGTH_MAX) || NO_PLACEMENT}:${variant}:${request}:${plain(kind, KIND_LENGTH_MAX)}`;
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

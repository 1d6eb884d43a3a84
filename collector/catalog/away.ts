/** How the message of such an error begins. It crosses an RPC, where the class of an error is lost. */
const MARK = "catalogue away: ";

/** A shard does not know what the shop has taken out, so it makes no list. */
export function catalogAway(cause: unknown): Error {
  return new Error(MARK + String(cause), { cause });
}

/** Whether an error says so, also one that came through an RPC. */
export function isCatalogAway(error: unknown): boolean {
  return error instanceof Error && error.message.includes(MARK);
}

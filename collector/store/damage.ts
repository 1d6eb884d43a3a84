/** How the message of every such error begins. It crosses an RPC, where the class of an error is lost. */
const MARK = "storage damaged: ";

/** Stored bytes are not what was stored. Whoever meets it must stop: going on would silently forget what they said. */
export function damaged(what: string): Error {
  return new Error(MARK + what);
}

/** Whether an error says so, also one that came through an RPC. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && error.message.includes(MARK);
}

/** Longest SQL that a link carries; browsers and chats cut longer addresses. */
export const LINK_SQL_LENGTH_MAX = 16_000;

/** What the address asks for: a question of ours by name, or SQL that someone wrote. */
export type Linked = { question: string } | { sql: string } | undefined;

/** `#question=funnel` or `#q=SELECT…`; anything else, and SQL over the bound, is nothing. */
export function readLink(hash: string): Linked {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const question = params.get("question");
  if (question) return { question };
  const sql = params.get("q");
  return sql && sql.length <= LINK_SQL_LENGTH_MAX ? { sql } : undefined;
}

/** The hash for SQL; undefined when it is too long for a link. */
export function toLink(sql: string, questions: readonly { id: string; sql: string }[]): string | undefined {
  const ours = questions.find((question) => question.sql === sql.trim());
  if (ours) return `#question=${encodeURIComponent(ours.id)}`;
  return sql.length > LINK_SQL_LENGTH_MAX ? undefined : `#q=${encodeURIComponent(sql)}`;
}

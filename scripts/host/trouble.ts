/** Trouble that the user can end: what is wrong, and what to do about it. Printed without a stack. */
export class Trouble extends Error {
  readonly advice: readonly string[];

  constructor(message: string, ...advice: string[]) {
    super(message);
    this.name = "Trouble";
    this.advice = advice;
  }
}

/** The text for a terminal: a Trouble reads as a message, everything else keeps its stack. */
export function describeTrouble(error: unknown): string {
  if (error instanceof Trouble) return [error.message, ...error.advice.map((line) => `  ${line}`)].join("\n");
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

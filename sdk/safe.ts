/** Our own mistakes stay ours: nothing thrown in here reaches the page that hosts us. */
export function safe<Args extends unknown[], Value>(
  run: (...args: Args) => Value,
): (...args: Args) => Value | undefined {
  return (...args) => {
    try {
      return run(...args);
    } catch {
      // Nobody could do anything about it.
    }
  };
}

export function ignore(): void {}

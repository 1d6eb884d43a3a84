type Run = (lock: object | null) => unknown;

interface Waiting {
  owner: object;
  start(): void;
}

/** Web Locks of one browser: exclusive locks by name, which end with the page that holds them. */
export class Locks {
  readonly #held = new Map<string, object>();
  readonly #queues = new Map<string, Waiting[]>();
  readonly #onTaken: () => void;

  /** @param onTaken - a page took a lock that it had asked for only if it is free */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken;
  }

  /** `navigator.locks` of one page. */
  of(owner: object): object {
    return {
      request: (name: string, second: Run | { ifAvailable?: boolean }, third?: Run) => {
        const run = (third ?? second) as Run;
        const ifAvailable = third !== undefined && (second as { ifAvailable?: boolean }).ifAvailable === true;
        return this.#request(owner, name, run, ifAvailable);
      },
    };
  }

  /** The page is gone: what it held is free, what it waited for is off. */
  release(owner: object): void {
    for (const queue of this.#queues.values())
      for (let at = queue.length - 1; at >= 0; at--) if (queue[at]?.owner === owner) queue.splice(at, 1);
    for (const [name, holder] of [...this.#held]) if (holder === owner) this.#free(name, owner);
  }

  async #request(owner: object, name: string, run: Run, ifAvailable: boolean): Promise<unknown> {
    if (this.#held.has(name)) {
      if (ifAvailable) return run(null);
      await new Promise<void>((start) => {
        const queue = this.#queues.get(name) ?? [];
        this.#queues.set(name, queue);
        queue.push({ owner, start });
      });
    } else this.#held.set(name, owner);
    if (ifAvailable) this.#onTaken();
    try {
      return await run({ name });
    } finally {
      this.#free(name, owner);
    }
  }

  #free(name: string, owner: object): void {
    if (this.#held.get(name) !== owner) return;
    const next = this.#queues.get(name)?.shift();
    if (!next) this.#held.delete(name);
    else {
      this.#held.set(name, next.owner);
      next.start();
    }
  }
}

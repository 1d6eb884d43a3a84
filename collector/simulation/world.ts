import { hash53 } from "../stream/hash.ts";
import { FAULTS, type FaultName, type ReachName } from "./faults.ts";
import { Random } from "./random.ts";

/** When every run begins, 2026-11-02T23:59:00Z: minutes, hours and the day end within it. */
export const START_MS = 1_793_663_940_000;
/** Lines of the trace that a failing run shows. */
const TRACE_LINES = 80;
/** A run that takes more steps hangs in a loop. */
const STEPS_MAX = 200_000;
/** How often it is looked whether what time passes for has ended. */
const STEP_MS = 10_000;

interface Task {
  atMs: number;
  order: number;
  run: (() => void) | undefined;
}

/** A promise of the guarantees that did not hold. */
export class Violation extends Error {
  override name = "Violation";
}

/**
 * Virtual time, chance and trace of one run. Everything that waits, waits here; one task runs at a time, and the
 * next begins when all promises have settled.
 */
export class World {
  readonly random: Random;
  readonly fired: Map<FaultName | ReachName, number> = new Map();
  readonly trace: string[] = [];
  nowMs: number = START_MS;
  steps = 0;
  /** From here on nothing goes wrong any more. */
  isHealed = false;
  #hash = 0;
  #violation: unknown;
  #order = 0;
  readonly #rates = new Map<FaultName, number>();
  readonly #chance: Random;
  readonly #heap: Task[] = [];
  /** Resolves when no promise has anything left to do. */
  readonly #settled: () => Promise<void>;

  constructor(seed: number, settled: () => Promise<void>) {
    this.random = new Random(seed);
    this.#chance = this.random.fork();
    this.#settled = settled;
    for (const [name, rate] of Object.entries(FAULTS) as [FaultName, number][])
      this.#rates.set(name, this.random.chance(0.5) ? rate * (0.3 + this.random.next()) : 0);
  }

  /** The trace in one number: equal for equal runs. */
  get hash(): number {
    return this.#hash;
  }

  /** Whether this goes wrong now; counted when it does. */
  fault(name: FaultName): boolean {
    if (this.isHealed || !this.#chance.chance(this.#rates.get(name) as number)) return false;
    this.note(`fault ${name}`);
    this.reach(name);
    return true;
  }

  /** Counts that the run came by here. */
  reach(name: FaultName | ReachName): void {
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }

  note(line: string): void {
    const text = `${this.nowMs - START_MS} ${line}`;
    this.#hash = hash53(text, this.#hash & 0x7fffffff);
    this.trace.push(text);
    if (this.trace.length > TRACE_LINES) this.trace.shift();
  }

  /** Runs `run` after a delay. @returns what calls it off */
  at(delayMs: number, run: () => void): () => void {
    const task: Task = { atMs: this.nowMs + Math.max(0, Math.round(delayMs)), order: this.#order++, run };
    push(this.#heap, task);
    return () => {
      task.run = undefined;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(ms, resolve);
    });
  }

  /** For work that nobody waits for: when it fails, the run ends with it. */
  spawn(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#violation ??= error;
    });
  }

  /** For what is noticed where nobody would hear of an exception: the run ends after this step. */
  fail(message: string): void {
    this.#violation ??= new Violation(message);
  }

  /** Lets time pass. */
  async run(untilMs: number): Promise<void> {
    for (let task = this.#heap[0]; task && task.atMs <= untilMs; task = this.#heap[0]) {
      pop(this.#heap);
      if (!task.run) continue;
      if (++this.steps > STEPS_MAX) throw new Violation(`more than ${STEPS_MAX} steps`);
      this.nowMs = task.atMs;
      task.run();
      await this.#settled();
      if (this.#violation) throw this.#violation;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Lets time pass until this has ended. */
  async runWhile(work: Promise<void>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    while (!isDone) await this.run(this.nowMs + STEP_MS);
    await done;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Task[], task: Task): void {
  let at = heap.push(task) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(task, heap[parent] as Task)) break;
    heap[at] = heap[parent] as Task;
    at = parent;
  }
  heap[at] = task;
}

function pop(heap: Task[]): void {
  const last = heap.pop() as Task;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++;
    if (!isBefore(heap[child] as Task, last)) break;
    heap[at] = heap[child] as Task;
    at = child;
  }
  heap[at] = last;
}

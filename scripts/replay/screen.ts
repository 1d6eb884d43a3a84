import type { Progress } from "./replay.ts";
import { progressLine } from "./report.ts";

const TTY_EVERY_MS = 200;
const LINE_EVERY_MS = 5000;

/** One line that is rewritten on a terminal; elsewhere a plain line now and then. */
export class Screen {
  readonly #isTerminal = process.stdout.isTTY === true;
  #shownMs = 0;
  #isOpen = false;

  progress(progress: Progress): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.#isTerminal ? TTY_EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownMs = nowMs;
    if (this.#isTerminal) process.stdout.write(`\r\x1b[2K${progressLine(progress)}`);
    else console.log(progressLine(progress));
    this.#isOpen = this.#isTerminal;
  }

  line(text: string, write: (text: string) => void = console.log): void {
    if (this.#isOpen) process.stdout.write("\r\x1b[2K");
    this.#isOpen = false;
    write(text);
  }
}

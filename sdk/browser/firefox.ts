import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COMMAND = process.env.FIREFOX_PATH ?? "firefox-esr";
const START_WITHIN_MS = 60_000;

/** What a test would not want to wait for, or hear of. */
const PREFERENCES: Record<string, boolean | number | string> = {
  "app.update.disabledForTesting": true,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.disable_open_during_load": false,
  "dom.allow_scripts_to_close_windows": true,
  "toolkit.telemetry.enabled": false,
};

interface Answer {
  id?: number;
  result?: unknown;
  error?: string;
  message?: string;
}

/** A page of Firefox, by WebDriver BiDi: as much as the scenarios use. */
export interface FirefoxPage {
  goto(url: string): Promise<void>;
  /** A function that needs nothing from around it, or an expression. */
  evaluate<Value, Arg = undefined>(
    run: ((arg: Arg) => Value | Promise<Value>) | string,
    arg?: Arg,
  ): Promise<Value>;
  close(): Promise<void>;
}

/** Debian's Firefox without a window, with a profile that survives its end. */
export class Firefox {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { done(value: unknown): void; fail(error: Error): void }>();
  #ids = 0;

  private constructor(folder: string, process: ChildProcess, socket: WebSocket) {
    this.#folder = folder;
    this.#process = process;
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result, error, message } = JSON.parse(String(data)) as Answer;
      const waiting = this.#waiting.get(id ?? -1);
      this.#waiting.delete(id ?? -1);
      if (error) waiting?.fail(new Error(`${error}: ${message}`));
      else waiting?.done(result);
    };
    socket.onclose = () => {
      for (const { fail } of this.#waiting.values()) fail(new Error("Firefox is gone"));
      this.#waiting.clear();
    };
  }

  static async open(): Promise<Firefox> {
    const folder = await mkdtemp(join(tmpdir(), "tidemark-firefox-"));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    await writeFile(join(folder, "user.js"), lines.join("\n"));
    return Firefox.#start(folder);
  }

  /** The same profile once more. */
  reopen(): Promise<Firefox> {
    return Firefox.#start(this.#folder);
  }

  static async #start(folder: string): Promise<Firefox> {
    const child = spawn(COMMAND, ["--headless", "--remote-debugging-port=0", "--profile", folder], {
      stdio: ["ignore", "ignore", "pipe"],
      // Its processes are ended together.
      detached: true,
      env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: "1" },
    });
    const address = await new Promise<string>((done, fail) => {
      let said = "";
      const timer = setTimeout(() => fail(new Error(`Firefox did not start: ${said}`)), START_WITHIN_MS);
      child.once("error", fail);
      child.stderr?.on("data", (chunk: Buffer) => {
        said += chunk;
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
        if (!found) return;
        clearTimeout(timer);
        done(found);
      });
    });
    const socket = new WebSocket(`${address}/session`);
    await new Promise((done, fail) => {
      socket.onopen = done;
      socket.onerror = fail;
    });
    const firefox = new Firefox(folder, child, socket);
    await firefox.#send("session.new", { capabilities: {} });
    return firefox;
  }

  /** In a window of its own: the timers of a tab in the background run once a second. */
  async newPage(): Promise<FirefoxPage> {
    const { context } = (await this.#send("browsingContext.create", { type: "window" })) as {
      context: string;
    };
    return {
      goto: async (url) => {
        await this.#send("browsingContext.navigate", { context, url, wait: "complete" });
      },
      evaluate: async <Value>(run: unknown, arg?: unknown) =>
        (await this.#evaluate(context, run as string, arg)) as Value,
      close: async () => {
        await this.#send("browsingContext.close", { context });
      },
    };
  }

  /** What the system does when memory runs out: no process gets a chance to act. */
  async kill(): Promise<void> {
    const ended = new Promise((done) => this.#process.once("exit", done));
    process.kill(-(this.#process.pid as number), "SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  async #evaluate(context: string, run: string | (() => unknown), arg: unknown): Promise<unknown> {
    const call = typeof run === "string" ? run : `(${run})(${JSON.stringify(arg) ?? ""})`;
    // One text back: BiDi's own form of values is longer to read.
    const expression = `Promise.resolve(${call}).then((value) => JSON.stringify(value))`;
    const answer = (await this.#send("script.evaluate", {
      expression,
      target: { context },
      awaitPromise: true,
    })) as { type: string; result: { value?: string }; exceptionDetails?: { text: string } };
    if (answer.type === "exception") throw new Error(answer.exceptionDetails?.text);
    return answer.result.value === undefined ? undefined : JSON.parse(answer.result.value);
  }

  #send(method: string, params: object): Promise<unknown> {
    const id = ++this.#ids;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

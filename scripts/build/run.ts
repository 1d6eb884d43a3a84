import { spawn } from "node:child_process";
import { rootDir } from "./places.ts";

/** A command that did not end with 0; its output has been shown or is in `output`. */
export class CommandFailed extends Error {
  readonly output: string;

  constructor(command: string, why: string, output: string) {
    super(`${command} failed (${why})`);
    this.name = "CommandFailed";
    this.output = output;
  }
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Default: the repository. */
  cwd?: string;
  /** "show" passes the output on as it comes, "keep" holds it back for the error (default). */
  output?: "show" | "keep";
}

/** Runs a program of node_modules/.bin, or any on the PATH, in the repository. */
export async function run(
  command: string,
  args: readonly string[],
  { env = {}, cwd = rootDir, output = "keep" }: RunOptions = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH: `${rootDir}node_modules/.bin:${process.env.PATH}`, ...env },
    stdio: output === "show" ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const why = await new Promise<string | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (why !== undefined)
    throw new CommandFailed([command, ...args].join(" "), why, Buffer.concat(chunks).toString());
}

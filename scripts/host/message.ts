/** What the parent asks of the host process, its first message. */
export interface ServeRequest {
  port: number;
  dataDir: string;
  vars: Record<string, string>;
  front: FrontModule[];
  builtDir: string;
}

/** An ES module that stands in front of the built worker; the first one is the entry. Tests bring faults with it. */
export interface FrontModule {
  name: string;
  contents: string;
}

/** What the host process tells its parent. */
export type HostMessage =
  | { type: "log"; level: LogLevel; text: string }
  | { type: "runtime"; pid: number }
  | { type: "ready" }
  /** The last message: the host ends. */
  | { type: "trouble"; message: string; advice: readonly string[] };

export type LogLevel = "info" | "warn" | "error";

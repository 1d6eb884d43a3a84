import type { ShopClick } from "./clicks.ts";

/** What is measured: takes clicks and makes lists over HTTP. */
export interface ListServer {
  readonly name: string;
  /** The process whose CPU counts. */
  readonly pid: number;
  /** Clicks of one session; learned when it resolves. */
  click(clicks: readonly ShopClick[]): Promise<void>;
  list(session: string): Promise<string[]>;
  close(): Promise<void>;
}

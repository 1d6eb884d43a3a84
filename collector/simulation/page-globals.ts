/** The part of a page that the SDK uses, as far as a simulated page has it. Everything else is undefined in it. */
export interface PageGlobals {
  self: object;
  navigator: object;
  navigation: object;
  document: object;
  location: object;
  localStorage: Record<string, string>;
  Date: { now(): number };
  Math: object;
  AbortSignal: { timeout(ms: number): { timeoutMs: number } };
  addEventListener(type: string, run: (event: object) => void): void;
  fetch(url: string, init?: PageRequest): Promise<PageResponse>;
  setTimeout<Given extends unknown[]>(
    run: (...given: Given) => void,
    delayMs?: number,
    ...given: Given
  ): number;
  clearTimeout(timer: number | undefined): void;
  setInterval(run: () => void, delayMs: number): number;
  openDB(): Promise<object>;
  deleteDB(): Promise<void>;
}

export interface PageRequest {
  method?: string;
  body?: string;
  keepalive?: boolean;
  signal?: { timeoutMs: number } | null;
}

export interface PageResponse {
  ok: boolean;
  status: number;
  headers: { get(name: string): string | null };
  json(): Promise<unknown>;
}

/** What a page calls of the SDK. */
export interface PageTracker {
  track(name: string, params?: Record<string, unknown>): void;
  flush(): Promise<void>;
}

export interface PageModules {
  createTracker(key: string, endpoint: string, load: (part: string) => Promise<object>): PageTracker;
  parts: Record<string, object>;
}

/** Evaluates the SDK's modules once more, with these globals: one page. */
export type EvaluatePage = (globals: PageGlobals) => PageModules;

/** Where the dashboard and the playground keep the read key: this tab only, never in an address. */
const STORAGE_KEY = "tidemark.readKey";
/** What a header can carry; anything else would make `fetch` throw instead of being refused. */
const KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;

export interface DemoKeys {
  readKey: string;
  writeKey: string | null;
}

export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** Null when there is none, or when the browser keeps nothing for this page. */
export function storedReadKey(): string | null {
  try {
    const key = sessionStorage.getItem(STORAGE_KEY);
    return key !== null && isKey(key) ? key : null;
  } catch {
    return null;
  }
}

export function keepReadKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, key);
  } catch {
    // Storage is blocked: the key lives as long as the page, which is all that this costs.
  }
}

/** The public keys of the demo site; null anywhere but in local development. */
export async function demoKeys(fetcher: typeof fetch): Promise<DemoKeys | null> {
  try {
    const response = await fetcher("/demo/keys.json", { signal: AbortSignal.timeout(5000) });
    return response.ok ? decodeDemoKeys(await response.json()) : null;
  } catch {
    // Not JSON, or no answer: then there is no demo, and the page asks for a key.
    return null;
  }
}

export function decodeDemoKeys(input: unknown): DemoKeys | null {
  const { readKey, writeKey } = (input ?? {}) as Record<string, unknown>;
  if (typeof readKey !== "string" || !isKey(readKey)) return null;
  return { readKey, writeKey: typeof writeKey === "string" && isKey(writeKey) ? writeKey : null };
}

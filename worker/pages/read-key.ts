/** Where the dashboard and the playground keep the read key: this tab only, never in an address. */
const READ_KEY = "tidemark.readKey";
/** The same for pages that change something. */
const ADMIN_KEY = "tidemark.adminKey";
/** What a header can carry; anything else would make `fetch` throw instead of being refused. */
const KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;

export interface DemoKeys {
  readKey: string;
  writeKey: string | null;
  adminKey: string | null;
}

export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** Null when there is none, or when the browser keeps nothing for this page. */
export function storedReadKey(): string | null {
  return stored(READ_KEY);
}

export function keepReadKey(key: string | null): void {
  keep(READ_KEY, key);
}

export function storedAdminKey(): string | null {
  return stored(ADMIN_KEY);
}

export function keepAdminKey(key: string | null): void {
  keep(ADMIN_KEY, key);
}

function stored(name: string): string | null {
  try {
    const key = sessionStorage.getItem(name);
    return key !== null && isKey(key) ? key : null;
  } catch {
    return null;
  }
}

function keep(name: string, key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, key);
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
  const { readKey, writeKey, adminKey } = (input ?? {}) as Record<string, unknown>;
  const valid = (key: unknown): string | null => (typeof key === "string" && isKey(key) ? key : null);
  if (valid(readKey) === null) return null;
  return { readKey: readKey as string, writeKey: valid(writeKey), adminKey: valid(adminKey) };
}

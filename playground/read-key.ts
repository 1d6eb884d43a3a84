const STORAGE_KEY = "tidemark.readKey";

/** The read key of this tab, or that of the local demo; undefined when someone has to type it. */
export async function findReadKey(): Promise<string | undefined> {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  if (stored) return stored;
  const response = await fetch("/demo/keys.json");
  if (!response.ok || !response.headers.get("content-type")?.includes("json")) return undefined;
  const keys: { readKey?: string } = await response.json();
  return keys.readKey;
}

/** For this tab only: it is gone when the tab is closed. */
export function rememberReadKey(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key);
}

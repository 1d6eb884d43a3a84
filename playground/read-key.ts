const STORAGE_KEY = "tidemark.readKey";

/** The read key that was typed in this tab. */
export function storedReadKey(): string | undefined {
  return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
}

/** The key of the demo site, which is there in local development only. */
export async function demoReadKey(): Promise<string | undefined> {
  const response = await fetch("/demo/keys.json");
  if (!response.ok || !response.headers.get("content-type")?.includes("json")) return undefined;
  const keys: { readKey?: string } = await response.json();
  return keys.readKey;
}

/** For this tab only: it is gone when the tab is closed. */
export function rememberReadKey(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key);
}

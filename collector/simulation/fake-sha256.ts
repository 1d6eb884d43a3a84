import { hash53 } from "../stream/hash.ts";

/** Stands in for SHA-256: as long, as good at telling files apart here, and the same on every runtime at once. */
export async function fakeSha256Hex(bytes: Uint8Array): Promise<string> {
  const text = new TextDecoder().decode(bytes);
  return [0, 1, 2, 3, 4]
    .map((lane) => hash53(text, lane).toString(16).padStart(14, "0"))
    .join("")
    .slice(0, 64);
}

/** How long a page has to open its WebSocket. */
export const TICKET_TTL_MS = 60_000;

const KEY = "ticketSecret";

/** Short-lived tickets for a page's WebSocket: signed, so that none is stored. */
export class Tickets {
  readonly #storage: DurableObjectStorage;
  #key: Promise<CryptoKey> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  async issue(site: string, nowMs: number): Promise<{ ticket: string; expiresAtMs: number }> {
    const expiresAtMs = nowMs + TICKET_TTL_MS;
    const claim = `${site}.${expiresAtMs}`;
    const signature = await crypto.subtle.sign("HMAC", await this.#signingKey(), encode(claim));
    return { ticket: `${claim}.${hex(signature)}`, expiresAtMs };
  }

  async check(ticket: string, nowMs: number): Promise<boolean> {
    const match = /^(.+\.(\d{13}))\.([0-9a-f]{64})$/.exec(ticket);
    if (!match || Number(match[2]) < nowMs) return false;
    const signature = Uint8Array.from((match[3] as string).match(/../g) as string[], (pair) =>
      Number.parseInt(pair, 16),
    );
    return crypto.subtle.verify("HMAC", await this.#signingKey(), signature, encode(match[1] as string));
  }

  #signingKey(): Promise<CryptoKey> {
    this.#key ??= this.#loadKey();
    return this.#key;
  }

  async #loadKey(): Promise<CryptoKey> {
    let secret = await this.#storage.get<Uint8Array>(KEY);
    if (!secret) {
      secret = crypto.getRandomValues(new Uint8Array(32));
      await this.#storage.put(KEY, secret);
    }
    return crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]);
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The functions that we take from the runtime's Node compatibility; its full types would clash with the Workers ones.
declare module "node:zlib" {
  export function gzipSync(bytes: Uint8Array): Uint8Array;
  export function gunzipSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

declare module "node:crypto" {
  interface Hmac {
    update(text: string): Hmac;
    digest(): Uint8Array;
    digest(encoding: "base64url"): string;
  }
  interface Hash {
    update(text: string): Hash;
    digest(encoding: "hex"): string;
  }
  export function createHmac(algorithm: "sha256", key: string): Hmac;
  export function createHash(algorithm: "sha256"): Hash;
}

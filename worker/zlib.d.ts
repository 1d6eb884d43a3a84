// The one function that we take from the runtime's Node compatibility; its full types would clash with the Workers ones.
declare module "node:zlib" {
  export function gzipSync(bytes: Uint8Array): Uint8Array;
}

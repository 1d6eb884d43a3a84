import { MASK, maskPathText, maskText } from "./mask-text.ts";
import { parameterDecoded, percentDecoded } from "./percent.ts";
import { isSensitiveParameter } from "./sensitive-name.ts";

/**
 * A URL without user name and password, without the values of sensitive parameters, and with its path, its
 * other parameters and its fragment masked like text.
 */
export function maskUrl(url: string): string {
  return maskUrlWith(url, maskText);
}

/** The same for the address of a picture or a product, whose path may be one long hexadecimal name. */
export function maskAssetUrl(url: string): string {
  return maskUrlWith(url, maskPathText);
}

const ADDRESS = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\S*$/i;

/** A value of which nobody knows whether it is an address or a sentence. */
export function maskAny(text: string): string {
  return ADDRESS.test(text) ? maskUrl(text) : maskText(text);
}

function maskUrlWith(url: string, maskSegment: (text: string) => string): string {
  const hashAt = url.indexOf("#");
  const beforeHash = hashAt === -1 ? url : url.slice(0, hashAt);
  const queryAt = beforeHash.indexOf("?");
  const origin =
    /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*/i.exec(
      beforeHash.slice(0, queryAt === -1 ? undefined : queryAt),
    )?.[0] ?? "";
  const path = beforeHash.slice(origin.length, queryAt === -1 ? undefined : queryAt);
  const query = queryAt === -1 ? "" : `?${maskParameters(beforeHash.slice(queryAt + 1))}`;
  const hash = hashAt === -1 ? "" : `#${maskHash(url.slice(hashAt + 1))}`;
  return maskOrigin(origin) + maskPath(path, maskSegment) + query + hash;
}

function maskOrigin(origin: string): string {
  const signAt = origin.lastIndexOf("@");
  const slashesAt = origin.indexOf("//");
  return signAt === -1 ? origin : `${origin.slice(0, slashesAt + 2)}${MASK}@${origin.slice(signAt + 1)}`;
}

function maskPath(path: string, maskSegment: (text: string) => string): string {
  return path
    .split("/")
    .map((segment) =>
      segment
        .split(";")
        .map((piece, index) =>
          index > 0 && piece.includes("=") ? maskParameter(piece) : maskPiece(piece, maskSegment),
        )
        .join(";"),
    )
    .join("/");
}

/** A fragment may be parameters, a route with parameters, or a name. */
function maskHash(hash: string): string {
  const queryAt = hash.indexOf("?");
  if (queryAt !== -1)
    return `${maskPath(hash.slice(0, queryAt), maskText)}?${maskParameters(hash.slice(queryAt + 1))}`;
  return hash.includes("=") ? maskParameters(hash) : maskPath(hash, maskText);
}

function maskParameters(query: string): string {
  return query
    .split("&")
    .map((pair) => pair.split(";").map(maskParameter).join(";"))
    .join("&");
}

function maskParameter(pair: string): string {
  const equalsAt = pair.indexOf("=");
  if (equalsAt === -1) return maskPiece(pair, maskText);
  const name = maskPiece(pair.slice(0, equalsAt), maskText);
  const value = pair.slice(equalsAt + 1);
  if (value === "") return pair;
  const isSensitive = isSensitiveParameter(percentDecoded(pair.slice(0, equalsAt)));
  return `${name}=${isSensitive ? MASK : maskPiece(value, maskText)}`;
}

/** The piece as it is when nothing private is in it, encoded or not; else only a mask. */
function maskPiece(piece: string, mask: (text: string) => string): string {
  if (mask(piece) !== piece) return MASK;
  if (!/[%+]/.test(piece)) return piece;
  const spaced = parameterDecoded(piece);
  // Whether a last `+` was a space or a plus nobody can say, so both are looked at.
  const readings = [percentDecoded(piece), spaced, spaced.replaceAll("+", " ")];
  return readings.some((reading) => mask(reading) !== reading) ? MASK : piece;
}

import { maskPathText, maskText } from "./mask-text.ts";
import { parameterDecoded, percentDecoded } from "./percent.ts";
import { isSensitiveParameter } from "./sensitive-name.ts";
import { MASK } from "./span.ts";
import type { Work } from "./work.ts";

/**
 * A URL without user name and password, without the values of sensitive parameters, and with its path, its
 * other parameters and its fragment masked like text.
 */
export function maskUrl(url: string, work?: Work): string {
  return maskUrlWith(url, maskText, work);
}

/** The same for the address of a picture or a product, whose path may be one long hexadecimal name. */
export function maskAssetUrl(url: string, work?: Work): string {
  return maskUrlWith(url, maskPathText, work);
}

const ADDRESS = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\S*$/i;

/** A value of which nobody knows whether it is an address or a sentence. */
export function maskAny(text: string, work?: Work): string {
  return ADDRESS.test(text) ? maskUrl(text, work) : maskText(text, work);
}

type Mask = (text: string, work?: Work) => string;

function maskUrlWith(url: string, maskSegment: Mask, work: Work | undefined): string {
  const hashAt = url.indexOf("#");
  const beforeHash = hashAt === -1 ? url : url.slice(0, hashAt);
  const queryAt = beforeHash.indexOf("?");
  const origin =
    /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*/i.exec(
      beforeHash.slice(0, queryAt === -1 ? undefined : queryAt),
    )?.[0] ?? "";
  const path = beforeHash.slice(origin.length, queryAt === -1 ? undefined : queryAt);
  const query = queryAt === -1 ? "" : `?${maskParameters(beforeHash.slice(queryAt + 1), work)}`;
  const hash = hashAt === -1 ? "" : `#${maskHash(url.slice(hashAt + 1), work)}`;
  return maskOrigin(origin) + maskPath(path, maskSegment, work) + query + hash;
}

function maskOrigin(origin: string): string {
  const signAt = origin.lastIndexOf("@");
  const slashesAt = origin.indexOf("//");
  return signAt === -1 ? origin : `${origin.slice(0, slashesAt + 2)}${MASK}@${origin.slice(signAt + 1)}`;
}

function maskPath(path: string, maskSegment: Mask, work: Work | undefined): string {
  return path
    .split("/")
    .map((segment) =>
      segment
        .split(";")
        .map((piece, index) =>
          index > 0 && piece.includes("=") ? maskParameter(piece, work) : maskPiece(piece, maskSegment, work),
        )
        .join(";"),
    )
    .join("/");
}

/** A fragment may be parameters, a route with parameters, or a name. */
function maskHash(hash: string, work: Work | undefined): string {
  const queryAt = hash.indexOf("?");
  if (queryAt !== -1)
    return `${maskPath(hash.slice(0, queryAt), maskText, work)}?${maskParameters(hash.slice(queryAt + 1), work)}`;
  return hash.includes("=") ? maskParameters(hash, work) : maskPath(hash, maskText, work);
}

function maskParameters(query: string, work: Work | undefined): string {
  return query
    .split("&")
    .map((pair) =>
      pair
        .split(";")
        .map((one) => maskParameter(one, work))
        .join(";"),
    )
    .join("&");
}

function maskParameter(pair: string, work: Work | undefined): string {
  const equalsAt = pair.indexOf("=");
  if (equalsAt === -1) return maskPiece(pair, maskText, work);
  const name = maskPiece(pair.slice(0, equalsAt), maskText, work);
  const value = pair.slice(equalsAt + 1);
  if (value === "") return pair;
  const isSensitive = isSensitiveParameter(percentDecoded(pair.slice(0, equalsAt)));
  return `${name}=${isSensitive ? MASK : maskPiece(value, maskText, work)}`;
}

/** The piece as it is when nothing private is in it, encoded or not; else only a mask. */
function maskPiece(piece: string, mask: Mask, work: Work | undefined): string {
  if (piece === "") return piece;
  if (mask(piece, work) !== piece) return MASK;
  if (!/[%+]/.test(piece)) return piece;
  const spaced = parameterDecoded(piece);
  // Whether a last `+` was a space or a plus nobody can say, so both are looked at.
  const readings = new Set([percentDecoded(piece), spaced, spaced.replaceAll("+", " ")]);
  for (const reading of readings) if (reading !== piece && mask(reading, work) !== reading) return MASK;
  return piece;
}

import { createHash, createHmac } from "node:crypto";
import type { EventBatch } from "../collector/event/event.ts";
import type { AppContext } from "./context.ts";
import { SipHash } from "./sip-hash.ts";
import { type Site, sitesOf } from "./sites.ts";

const DAY_MS = 24 * 3600 * 1000;
/** 96 bits: no two visitors of a site share them by chance. */
const HASH_LENGTH = 16;

/**
 * A visitor without anything stored in the page: the same for one day, one network and one browser.
 * The address is cut before it is hashed, and it is kept nowhere.
 */
export function derivedVisitor(secret: string, site: string, request: Request, nowMs: number): string {
  const day = Math.floor(nowMs / DAY_MS);
  const network = networkOf(request.headers.get("cf-connecting-ip") ?? "");
  const agent = request.headers.get("user-agent") ?? "";
  return `d.${keyedHash(secret, ["visitor", site, String(day), network, agent])}`;
}

/**
 * A sender's network address as rate limits know it: in memory only, and keyed, so that no dump holds an address.
 * Whoever has one IPv6 address has the /64 around it.
 */
export function clientOf(secret: string, request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "";
  const network = EMBEDDED_IPV4.test(address) ? address : ipv6Prefix(address, CLIENT_GROUPS);
  return clientHash(secret).of(network);
}

/** The hash of the secret that was asked for last: a deploy has one. */
let clientHashes: { secret: string; hash: SipHash } | undefined;

function clientHash(secret: string): SipHash {
  if (clientHashes?.secret !== secret) {
    const key = createHmac("sha256", secret).update("client").digest().subarray(0, 16);
    clientHashes = { secret, hash: new SipHash(key) };
  }
  return clientHashes.hash;
}

/** Stands for an id that was an e-mail address or a card number: equal ids stay equal, none can be guessed. */
export function pseudonymOf(secret: string, site: string): (id: string) => string {
  return (id) => keyedHash(secret, ["pseudonym", site, id]);
}

/** 96 bits: among 4 million ids of a shard a new one is taken for a known one once in 10²² times. */
export function hashId(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}

/** The pseudonyms of a site of this deploy: every route that takes ids needs the same ones. */
export function sitePseudonym(c: AppContext, site: Site): (id: string) => string {
  return pseudonymOf(sitesOf(c.env)?.secret ?? "", site.id);
}

function keyedHash(secret: string, parts: string[]): string {
  return createHmac("sha256", secret).update(parts.join("\n")).digest("base64url").slice(0, HASH_LENGTH);
}

/** The /24 of an IPv4 address, the /48 of an IPv6 address. */
export function networkOf(address: string): string {
  return EMBEDDED_IPV4.exec(address)?.[1] ?? ipv6Prefix(address, VISITOR_GROUPS);
}

const EMBEDDED_IPV4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i;
/** Groups of an IPv6 address, 16 bits each. */
const VISITOR_GROUPS = 3;
const CLIENT_GROUPS = 4;

function ipv6Prefix(address: string, count: number): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  // "::" stands for zeros, of which only those within the first groups matter.
  if (tail !== undefined) {
    const zeros = 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
    for (let added = 0; added < zeros; added++) groups.push("0");
  }
  return groups
    .slice(0, count)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

const BOT =
  /bot\b|bot[/;]|crawl|spider|slurp|headless|lighthouse|curl\/|wget\/|python-|okhttp|go-http|facebookexternalhit/i;

/** A coarse class from the user agent, enough for a report and for nothing else. */
export function deviceOf(userAgent: string | undefined): NonNullable<EventBatch["device"]> {
  const agent = userAgent?.slice(0, 512) ?? "";
  if (BOT.test(agent)) return "bot";
  if (/iPad|Tablet|PlayBook|Silk\/|Android(?!.{0,200}Mobile)/i.test(agent)) return "tablet";
  if (/Mobi|iPhone|iPod/i.test(agent)) return "mobile";
  return /Windows NT|Macintosh|X11|CrOS/i.test(agent) ? "desktop" : "other";
}

import type { Campaign } from "../event/event.ts";
import { TEXT_LENGTH_MAX } from "../event/limits.ts";
import { parameterDecoded } from "./privacy/percent.ts";
import { cleanText } from "./text.ts";

/** Path of a URL without query and fragment; `/` for a bare host. */
export function pathOf(url: string): string {
  const path = url.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "");
  return path.startsWith("/") ? path : `/${path}`;
}

const CAMPAIGN_PARAMETERS: ReadonlyMap<string, keyof Campaign> = new Map<string, keyof Campaign>([
  ["utm_source", "source"],
  ["utm_medium", "medium"],
  ["utm_campaign", "name"],
]);

/** The `utm_*` parameters of a URL, undefined when there are none. */
export function campaignOf(url: string): Campaign | undefined {
  const query = /\?([^#]*)/.exec(url)?.[1];
  if (!query?.includes("utm_")) return undefined;
  const campaign: Campaign = {};
  for (const pair of query.split("&")) {
    const equalsAt = pair.indexOf("=");
    const name = equalsAt === -1 ? undefined : CAMPAIGN_PARAMETERS.get(pair.slice(0, equalsAt).toLowerCase());
    if (name === undefined || campaign[name] !== undefined) continue;
    const text = cleanText(parameterDecoded(pair.slice(equalsAt + 1)), TEXT_LENGTH_MAX, () => {});
    if (text !== "") campaign[name] = text;
  }
  return Object.keys(campaign).length > 0 ? campaign : undefined;
}

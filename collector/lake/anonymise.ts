import type { EventRow } from "../event/columns.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";

/** What stands in the place of an id; the same for the same id, so that what was distinct stays distinct. */
export type Tokens = ReadonlyMap<string, string>;

/** The ids of a row that say whose it is, each with the kind of id it is. */
export function personalIds({ batch }: EventRow): string[] {
  return [`session ${batch.session}`, `visitor ${batch.visitor}`, `stream ${batch.stream}`];
}

/**
 * A row that is nobody's: its ids are tokens, its own words are gone. What the shop's books and totals need stays:
 * times, name, items, order id and amounts, country and class of device.
 */
export function anonymised({ batch, event, ...place }: EventRow, tokens: Tokens): EventRow {
  const tokenOf = (id: string): string => {
    const token = tokens.get(id);
    if (token === undefined) throw new Error("an id without a token");
    return token;
  };
  const { url, path, title, referrer, campaign, searchTerm, props, originals, ...kept } = event;
  const { user, language, ...shared } = batch;
  const anonymous: EventBatch = {
    ...shared,
    session: tokenOf(`session ${batch.session}`),
    visitor: tokenOf(`visitor ${batch.visitor}`),
    stream: tokenOf(`stream ${batch.stream}`),
    events: [kept as TidemarkEvent],
    rejects: [],
  };
  return { ...place, batch: anonymous, event: kept };
}

import type { EventBody } from "../collector/event/batch.ts";
import type { StandardEventName, StandardEvents, StandardParam } from "../collector/event/standard-events.ts";
import type { EventParams, Tracker } from "./tracker.ts";

type Params<Names extends StandardParam> = { [Name in Names]: NonNullable<EventBody[Name]> };

/** What a standard event carries, from the table that the collector is tested against. Others are kept as `props`. */
export type StandardEventParams<Name extends StandardEventName> = Params<
  StandardEvents[Name]["needs"][number]
> &
  Partial<Params<StandardEvents[Name]["takes"][number]>> &
  EventParams;

/** GA4's events with their parameters. */
export type StandardEventMap = { [Name in StandardEventName]: StandardEventParams<Name> };

/** Parameters that may be left out as a whole where none is needed. */
type Arguments<Value> = Partial<Value> extends Value ? [params?: Value] : [params: Value];

/**
 * A tracker that knows its events. Names outside of the map are errors of the compiler, not of the page.
 *
 * @typeParam Events - the shop's own events: `{ size_chart_opened: { itemId: string } }`
 */
export interface TypedTracker<Events extends object> extends Omit<Tracker, "track"> {
  track<Name extends keyof (Events & StandardEventMap) & string>(
    name: Name,
    ...params: Arguments<(Events & StandardEventMap)[Name]>
  ): void;
}

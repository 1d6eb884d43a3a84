import { callOf, watchLayer } from "./layer.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";
import { usesOf } from "./uses.ts";

/** What TCF calls "store and/or access information on a device", and "measure content performance". */
const TCF_PURPOSES = ["1", "8"];

interface TcfData {
  eventStatus?: string;
  gdprApplies?: boolean;
  purpose?: { consents?: Record<string, boolean> };
}
type TcfApi = (command: string, version: number, done: (data: TcfData, isOk: boolean) => void) => void;

let isStarted = false;

/**
 * Follows what the visitor told somebody else: Google's Consent Mode v2 (`analytics_storage`), an IAB TCF v2
 * dialog, and with `data-tm-use="consent dnt"` the browser's "do not track". The newest answer counts.
 */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  const answer = (analytics: boolean): void => page.tracker.consent({ analytics });
  const uses = usesOf(document);
  if (uses.includes("dnt") && navigator.doNotTrack === "1") {
    answer(false);
    return;
  }
  if (!uses.includes("consent")) return;
  watchLayer((entry) => {
    const [command, , choice] = callOf(entry) ?? [];
    const storage = (choice as { analytics_storage?: unknown } | undefined)?.analytics_storage;
    if (command === "consent" && storage) answer(storage === "granted");
  });
  const { __tcfapi: tcf } = self as unknown as { __tcfapi?: TcfApi };
  const hear = safe((data: TcfData, isOk: boolean) => {
    // Before the dialog was answered there is no answer.
    if (!isOk || (data.eventStatus !== "tcloaded" && data.eventStatus !== "useractioncomplete")) return;
    answer(
      data.gdprApplies === false ||
        TCF_PURPOSES.every((purpose) => data.purpose?.consents?.[purpose] === true),
    );
  });
  tcf?.("addEventListener", 2, hear);
}

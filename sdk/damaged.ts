import { type Disk, pageDisk, put, segmentNames } from "./disk.ts";
import { drop } from "./drop.ts";
import { streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";

/** `tm:<stream>:<seq>` */
const NAME = /^tm:[^:]+:(0|[1-9]\d{0,7})$/;

/**
 * Removes what somebody else wrote into the log, by mistake: a shop that cuts or encrypts whatever it finds in its
 * storage. One such entry would have the collector refuse the batch that it is in, with its neighbours. What the page has
 * in memory goes back.
 *
 * @param stream - only of this one
 */
export function giveUpDamaged(page: Page, stream?: string): void {
  const disks = [page.disk, pageDisk()];
  const known: Disk = Object.assign({}, ...[...page.batches].map(({ texts }) => texts));
  for (const name of new Set(disks.flatMap(segmentNames))) {
    if (stream !== undefined && streamOf(name) !== stream) continue;
    let events = 0;
    for (const disk of disks) {
      const text = disk[name];
      if (text === undefined || isSound(name, text)) continue;
      delete disk[name];
      events = Math.max(1, text.split("\n").length - 1);
    }
    if (events === 0) continue;
    if (known[name]) put(page, name, known[name]);
    else drop(page, "damaged", events);
  }
}

/** Whether it is a segment as a tracker writes it: a head with session and stream, then an object on each line. */
export function isSound(name: string, text: string): boolean {
  const [head, ...lines] = text.split("\n") as [string, ...string[]];
  const { session, stream } = objectOf(head) ?? {};
  return (
    NAME.test(name) &&
    typeof session === "string" &&
    stream === streamOf(name) &&
    // What a batch says of itself goes in before the last character.
    head.endsWith("}") &&
    lines.length > 0 &&
    lines.every(objectOf)
  );
}

function objectOf(json: string): Record<string, unknown> | undefined {
  const value: unknown = safe(() => JSON.parse(json))();
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

import { streamBornAtMs } from "../event/batch.ts";
import type { EventBatch } from "../event/event.ts";
import { ID_STREAM_PREFIX } from "../event/identity.ts";
import {
  BATCH_EVENTS_MAX,
  MASK_LOOKS_MAX,
  SEQ_MAX,
  STREAM_AGE_MAX_MS,
  TEXT_LENGTH_MAX,
  URL_LENGTH_MAX,
} from "../event/limits.ts";
import { QUARANTINE_SOURCE, QUARANTINE_STREAM_PREFIX } from "../event/quarantine.ts";
import type { Finding, ProblemCode } from "../event/reject.ts";
import { fail, ok, type Result } from "../event/result.ts";
import { decodeEvent, type EventContext } from "./decode-event.ts";
import { idText, isObject, type Pseudonym, personId, placeId, readText } from "./fields.ts";
import type { FixSwitches } from "./fix-rules.ts";
import { readLosses } from "./losses.ts";
import { newNotes } from "./notes.ts";
import { maskUrl } from "./privacy/mask-url.ts";
import type { Work } from "./privacy/work.ts";
import { clockSkewMs, sentAt } from "./time.ts";

/** What the edge knows about a request beyond its body. */
export interface DecodeContext {
  site: string;
  receivedAtMs: number;
  /** Visitor made without anything stored in the page. */
  derivedVisitor: string;
  /** The visitor asked not to be followed: ids that the page sent are left out. */
  isCookieless?: boolean;
  country?: string | undefined;
  device?: EventBatch["device"];
  language?: string | undefined;
  /** For ids that are an e-mail address or a card number; without it they all become the same mask. */
  pseudonym?: Pseudonym;
  /** Corrections that the site has switched off. */
  fixes?: FixSwitches;
  /** 96 bits of a cryptographic hash, 24 hexadecimal digits; without it events cannot come with ids of their own. */
  hashId?: (text: string) => string;
}

const EVENT_ID_FIELDS = ["eventId", "event_id"] as const;
const SOURCE = /^[a-z][a-z0-9_-]{0,31}$/;
const LANGUAGE = /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}$/;

/**
 * The body of `POST /v1/batches` as a true batch. Total: any value gives an answer, nothing throws.
 *
 * Events of a page have their place in a stream. A back end may leave out `stream` and `seq`, where each event has
 * an `eventId` of its own instead.
 *
 * A fault of the envelope refuses the whole request. A fault of one event becomes a reject of that event, which
 * uses up its `seq`; its neighbours are accepted: `events.length + rejects.length === count`.
 */
export function decodeBatch(input: unknown, at: DecodeContext): Result<EventBatch, Finding<ProblemCode>[]> {
  if (!isObject(input)) return fail([{ pointer: "", code: "batch_invalid" }]);
  const body = ownCopy(input);
  const session = placeId(body.session, at.pseudonym);
  const isForeign = at.hashId !== undefined && isForeignForm(body);
  if (isForeign) Object.assign(body, { stream: ID_STREAM_PREFIX, seq: 0 });
  const stream = isForeign ? ID_STREAM_PREFIX : placeId(body.stream, at.pseudonym);
  const findings = envelopeFindings(body, { session, stream, isForeign }, at.receivedAtMs);
  if (findings.length > 0 || session === undefined || stream === undefined) return fail(findings);

  const rawEvents = body.events as unknown[];
  const seq = body.seq as number;
  const sent = sentAt((body.sentAtMs ?? undefined) as number | undefined, at.receivedAtMs, at.fixes);
  const { eventContext, language } = readContext(
    body.context,
    at,
    clockSkewMs(sent.sentAtMs, at.receivedAtMs),
  );
  if (sent.unit !== undefined) eventContext.batchFixes = [`sentAt:${sent.unit}`];
  const batch: EventBatch = {
    site: at.site,
    source: (body.source ?? "web") as string,
    session,
    stream,
    seq,
    count: rawEvents.length,
    visitor: (at.isCookieless ? undefined : personId(body.visitor, at.pseudonym)) ?? at.derivedVisitor,
    receivedAtMs: at.receivedAtMs,
    events: [],
    rejects: [],
  };
  const user = at.isCookieless ? undefined : personId(body.user, at.pseudonym);
  if (user !== undefined) batch.user = user;
  if (at.country !== undefined) batch.country = at.country;
  if (at.device !== undefined) batch.device = at.device;
  if (language !== undefined) batch.language = language;
  if (isForeign) batch.ids = hashedIds(rawEvents, batch.source, at);
  // Losses are counted for each stream.
  const dropped = isForeign ? undefined : readLosses(body.dropped);
  if (dropped !== undefined) batch.dropped = dropped;
  rawEvents.forEach((raw, index) => {
    const event = decodeEvent(raw, seq + index, `/events/${index}`, eventContext);
    if (event.ok) batch.events.push(event.value);
    else batch.rejects.push(event.reason);
  });
  if (batch.rejects.length > 0) {
    const { skewMs, url, title, referrer } = eventContext;
    batch.defaults = {
      skewMs,
      ...(url === undefined ? {} : { url }),
      ...(title === undefined ? {} : { title }),
      ...(referrer === undefined ? {} : { referrer }),
    };
  }
  return ok(batch);
}

const ENVELOPE_FIELDS = [
  "session",
  "stream",
  "seq",
  "sentAtMs",
  "visitor",
  "user",
  "source",
  "context",
  "dropped",
  "events",
] as const;
type Envelope = Partial<Record<(typeof ENVELOPE_FIELDS)[number], unknown>>;

/** Only own fields: nothing may come from a prototype. */
function ownCopy(input: object): Envelope {
  const body: Envelope = {};
  for (const name of ENVELOPE_FIELDS) {
    if (Object.hasOwn(input, name)) body[name] = (input as Envelope)[name];
  }
  return body;
}

function envelopeFindings(
  body: Envelope,
  place: { session: string | undefined; stream: string | undefined; isForeign: boolean },
  receivedAtMs: number,
): Finding<ProblemCode>[] {
  const findings: Finding<ProblemCode>[] = [];
  const expect = (isTrue: boolean, pointer: string, code: ProblemCode = "batch_invalid"): void => {
    if (!isTrue) findings.push({ pointer, code });
  };
  const { events, seq } = body;
  const isCounted = Number.isInteger(seq) && (seq as number) >= 0;
  expect(place.session !== undefined, "/session");
  expect(place.isForeign || (place.stream !== undefined && !isReserved(place.stream)), "/stream");
  expect(isCounted && (seq as number) + (Array.isArray(events) ? events.length : 1) - 1 <= SEQ_MAX, "/seq");
  expect(Array.isArray(events) && events.length > 0, "/events");
  expect(!Array.isArray(events) || events.length <= BATCH_EVENTS_MAX, "/events", "too_many_events");
  if (place.isForeign && Array.isArray(events) && events.length <= BATCH_EVENTS_MAX)
    events.forEach((raw, at) => void expect(eventIdOf(raw) !== undefined, `/events/${at}/eventId`));
  expect(isNone(body.sentAtMs) || Number.isFinite(body.sentAtMs), "/sentAtMs");
  expect(isNone(body.visitor) || body.visitor === "" || idText(body.visitor) !== undefined, "/visitor");
  expect(isNone(body.user) || body.user === "" || idText(body.user) !== undefined, "/user");
  expect(isNone(body.source) || isSource(body.source), "/source");
  expect(isNone(body.context) || isObject(body.context), "/context");
  const bornAtMs = typeof body.stream === "string" ? streamBornAtMs(body.stream.trim()) : undefined;
  expect(bornAtMs === undefined || receivedAtMs - bornAtMs <= STREAM_AGE_MAX_MS, "/stream", "stream_too_old");
  return findings;
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Who could send under the names of replays, or of ids, could use up their identities. */
function isReserved(stream: string): boolean {
  return stream.startsWith(QUARANTINE_STREAM_PREFIX) || stream.startsWith(ID_STREAM_PREFIX);
}

function isForeignForm({ stream, seq, events }: Envelope): boolean {
  const isBare = isNone(stream) && isNone(seq) && Array.isArray(events);
  return isBare && events.slice(0, BATCH_EVENTS_MAX).some((raw) => eventIdOf(raw) !== undefined);
}

/** The id that an event came with. */
function eventIdOf(raw: unknown): string | undefined {
  if (!isObject(raw)) return undefined;
  const name = EVENT_ID_FIELDS.find((field) => Object.hasOwn(raw, field));
  return name === undefined ? undefined : idText(raw[name]);
}

/** An id is one among those of its source: two systems may both count from 1. */
function hashedIds(rawEvents: readonly unknown[], source: string, { hashId }: DecodeContext): string[] {
  return rawEvents.map((raw) => hashId?.(`${source}\n${eventIdOf(raw)}`) ?? "");
}

function isSource(source: unknown): boolean {
  return typeof source === "string" && SOURCE.test(source) && source !== QUARANTINE_SOURCE;
}

/** Defaults for the events. What cannot be read as text is left out: a page's context is no reason to lose its events. */
function readContext(raw: unknown, at: DecodeContext, skewMs: number) {
  const context = isObject(raw) ? raw : {};
  const work: Work = { looksLeft: MASK_LOOKS_MAX };
  const read = (
    name: string,
    lengthMax: number,
    mask?: (text: string, work?: Work) => string,
  ): string | undefined =>
    Object.hasOwn(context, name)
      ? readText({ value: context[name], pointer: `/context/${name}` }, name, lengthMax, newNotes(work), mask)
      : undefined;
  const eventContext: EventContext = { receivedAtMs: at.receivedAtMs, skewMs, work };
  const url = read("url", URL_LENGTH_MAX, maskUrl);
  const title = read("title", TEXT_LENGTH_MAX);
  const referrer = read("referrer", URL_LENGTH_MAX, maskUrl);
  if (url !== undefined) eventContext.url = url;
  if (title !== undefined) eventContext.title = title;
  if (referrer !== undefined) eventContext.referrer = referrer;
  if (at.pseudonym !== undefined) eventContext.pseudonym = at.pseudonym;
  if (at.fixes !== undefined) eventContext.fixes = at.fixes;
  const language = [read("language", 40), at.language].find(
    (text) => text !== undefined && LANGUAGE.test(text),
  );
  return { eventContext, language };
}

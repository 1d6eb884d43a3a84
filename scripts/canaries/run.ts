import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LakeManifest } from "../../collector/event/lake.ts";
import { REPORT_NAMES } from "../../collector/event/report.ts";
import { pick } from "../fuzz/input.ts";
import { freePort } from "../host/free-port.ts";
import { type Host, startHost } from "../host/host.ts";
import type { Random } from "../shopper/chance.ts";
import { seeded } from "../shopper/seeded.ts";
import { CANARY_KINDS, type Canary, makeCanary } from "./canary.ts";
import { Haystack } from "./haystack.ts";
import { PLACES, placeFor } from "./place.ts";
import { filesOf, lakeRows, rowsOf, type Store } from "./stores.ts";

export interface CanaryOptions {
  count: number;
  seed: number;
}

export interface Leak {
  kind: string;
  place: string;
  text: string;
  store: string;
}

export interface CanaryResult {
  sent: number;
  places: number;
  kinds: Map<string, number>;
  /** Answers by status: most places must not refuse. */
  statuses: Map<number, number>;
  stores: Map<string, number>;
  bytes: number;
  leaks: Leak[];
  /** Stores in which something public was not found either: there the search would find nothing at all. */
  blind: string[];
}

interface Sent extends Canary {
  place: string;
}

/** Nothing private: it has to be found where canaries must not be. */
const CONTROL = "controlmarker";
const SEEING_STORES = ["answers", "live message", "lake rows", "tables", "files", "GET /v1/quarantine"];

const LIVE_MS = 1_500;
const READ = { authorization: "Bearer rk_demo" };
const ADMIN = { authorization: "Bearer sk_demo" };

/** Sends private things through every way in, then looks for them in everything that keeps or says something. */
export async function runCanaries({ count, seed }: CanaryOptions): Promise<CanaryResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "tidemark-canaries-"));
  const said: Store[] = [];
  try {
    const log = (level: string, text: string): void => void said.push({ name: `log ${level}`, text });
    const host = await startHost({ port: await freePort(), dataDir, log });
    const statuses = new Map<number, number>();
    let canaries: Sent[];
    try {
      canaries = await sendAll(host, count, seed, said, statuses);
      await readAll(host, dataDir, said);
    } finally {
      await host.stop();
    }
    return await search(canaries, said, dataDir, statuses);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function sendAll(
  { url }: Host,
  count: number,
  seed: number,
  said: Store[],
  statuses: Map<number, number>,
): Promise<Sent[]> {
  const random = seeded(seed);
  const nowMs = Date.now();
  const live = await openLive(url, said);
  const canaries: Sent[] = [];
  for (let index = 0; index < count; index++) {
    const { place, kind } = placeFor(random, index);
    const canary = makeCanary(random, kind);
    canaries.push({ ...canary, place: place.name });
    if (index % 50 === 0) await sendControl(url, `${seed}-${index}`, nowMs);
    const {
      method,
      path,
      headers = {},
      body,
    } = place.request(canary, { random, id: `${seed}-${index}`, nowMs });
    const answer = await fetch(url + path, {
      method,
      headers,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    said.push({
      name: `answer to ${place.name}`,
      text: `${JSON.stringify([...answer.headers])}\n${await answer.text()}`,
    });
  }
  for (const sent of await review(url, random, nowMs, said)) canaries.push(sent);
  await sendControl(url, `${seed}-last`, nowMs);
  const probe = await fetch(`${url}/v1/batches/${CONTROL}-${seed}-last?key=wk_demo&session=${CONTROL}`);
  said.push({ name: "answer to a control", text: await probe.text() });
  await new Promise((resolve) => setTimeout(resolve, LIVE_MS));
  live.close();
  return canaries;
}

/** What people type while they go through the quarantine: reasons, and events as they should have been. */
async function review(url: string, random: Random, nowMs: number, said: Store[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  const page = await fetch(`${url}/v1/quarantine?limit=60`, { headers: ADMIN });
  const { rows } = (await page.json()) as { rows: { id: string }[] };
  for (const [index, { id }] of rows.entries()) {
    const canary = makeCanary(random, pick(random, CANARY_KINDS));
    const note = `see ${canary.text} now`;
    const event = {
      name: "view_item",
      occurredAtMs: index % 3 === 0 ? 5 : nowMs,
      title: note,
      props: { note },
    };
    const [path, body] =
      index % 2 === 0
        ? ["drop", { ids: [id], reason: note }]
        : ["replay", { ids: [id], edits: { [id]: index % 4 === 1 ? { event } : { patch: event } } }];
    const answer = await fetch(`${url}/v1/quarantine/${path}`, {
      method: "POST",
      headers: ADMIN,
      body: JSON.stringify(body),
    });
    said.push({ name: `answer to ${path}`, text: await answer.text() });
    sent.push({ ...canary, place: `quarantine ${path}` });
  }
  return sent;
}

/** Shown as what is sought last, kept in the lake, and once in quarantine. */
async function sendControl(url: string, id: string, nowMs: number): Promise<void> {
  const event = { name: "search", occurredAtMs: nowMs, searchTerm: CONTROL };
  const events = [event, { ...event, occurredAtMs: 5 }];
  const body = JSON.stringify({ session: CONTROL, stream: `${CONTROL}-${id}`, seq: 0, events });
  await fetch(`${url}/v1/batches?key=wk_demo`, { method: "POST", body });
}

/** What dashboards are told, as long as it lasts. */
async function openLive(url: string, said: Store[]): Promise<WebSocket> {
  const answer = await fetch(`${url}/v1/tickets`, { method: "POST", headers: READ });
  const { ticket } = (await answer.json()) as { ticket: string };
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/live?ticket=${ticket}`);
  socket.addEventListener("message", ({ data }) => said.push({ name: "live message", text: String(data) }));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return socket;
}

/** Every answer that tells what was stored, and the lake as the playground fetches it. */
async function readAll({ url }: Host, dataDir: string, said: Store[]): Promise<void> {
  const get = async (path: string, headers: Record<string, string>, method = "GET"): Promise<string> => {
    const text = await (await fetch(url + path, { method, headers })).text();
    said.push({ name: `${method} ${path.split("?")[0]}`, text });
    return text;
  };
  await get("/v1/lake/flush", ADMIN, "POST");
  for (const name of REPORT_NAMES) await get(`/v1/reports/${name}`, READ);
  for (const name of ["ledger", "freshness", "recommendations?limit=100"]) await get(`/v1/${name}`, READ);
  for (let before = ""; ; ) {
    const page = JSON.parse(await get(`/v1/quarantine?limit=200${before}`, ADMIN)) as { next?: string };
    if (page.next === undefined) break;
    before = `&before=${page.next}`;
  }
  const manifest = JSON.parse(await get("/v1/lake", READ)) as LakeManifest;
  const paths: string[] = [];
  for (const [index, { key }] of manifest.parts.entries()) {
    const answer = await fetch(`${url}/v1/lake/${key}`, { headers: READ });
    const path = join(dataDir, `part-${index}.parquet`);
    await writeFile(path, new Uint8Array(await answer.arrayBuffer()));
    paths.push(path);
  }
  for await (const row of lakeRows(paths)) said.push(row);
}

async function search(
  canaries: readonly Sent[],
  said: readonly Store[],
  dataDir: string,
  statuses: Map<number, number>,
): Promise<CanaryResult> {
  const kinds = new Map<string, number>();
  for (const { kind } of canaries) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const result: CanaryResult = {
    sent: canaries.length,
    places: PLACES.length,
    kinds,
    statuses,
    stores: new Map(),
    bytes: 0,
    leaks: [],
    blind: [],
  };
  const seeing = new Set<string>();
  const haystack = new Haystack(canaries);
  const seen = new Set<string>();
  for (const { name, text } of chain(said, filesOf(dataDir), rowsOf(dataDir))) {
    const store = storeOf(name);
    result.stores.set(store, (result.stores.get(store) ?? 0) + 1);
    result.bytes += text.length;
    if (text.includes(CONTROL)) seeing.add(store);
    for (const canary of haystack.find(text)) {
      if (seen.has(`${canary.text} ${store}`)) continue;
      seen.add(`${canary.text} ${store}`);
      result.leaks.push({ kind: canary.kind, place: canary.place, text: canary.text, store: name });
    }
  }
  result.blind = SEEING_STORES.filter((store) => !seeing.has(store));
  return result;
}

function* chain(...lists: Iterable<Store>[]): Generator<Store> {
  for (const list of lists) yield* list;
}

/** `answer to title` and `answer to url` are one kind of store. */
function storeOf(name: string): string {
  if (name.startsWith("answer to")) return "answers";
  if (name.includes(" table ")) return "tables";
  if (name.startsWith("lake ")) return "lake rows";
  if (/^(log|live|GET|POST)/.test(name)) return name;
  return name.endsWith(".parquet") ? "bucket" : "files";
}

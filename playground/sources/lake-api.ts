import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import type { TimeRange } from "../range.ts";

/** How often one request is tried, and the pause before the next try. */
const TRIES_MAX = 3;
const RETRY_DELAY_MS = 500;
/** Pages of one manifest. */
const MANIFEST_PAGES_MAX = 100;

/** The lake's API said no. `needsKey` when another read key may help. */
export class LakeError extends Error {
  readonly needsKey: boolean;

  constructor(message: string, needsKey = false) {
    super(message);
    this.needsKey = needsKey;
  }
}

/** The whole list of a range; the cut is that of its first page, so nothing after it is promised. */
export async function fetchManifest(
  range: TimeRange,
  readKey: string,
  signal: AbortSignal,
): Promise<LakeManifest> {
  let from = range.fromMs === undefined ? undefined : new Date(range.fromMs).toISOString();
  let first: LakeManifest | undefined;
  const parts: LakePart[] = [];
  for (let page = 0; page < MANIFEST_PAGES_MAX; page += 1) {
    const query = new URLSearchParams();
    if (from !== undefined) query.set("from", from);
    if (range.toMs !== undefined) query.set("to", new Date(range.toMs).toISOString());
    const response = await request(`/v1/lake?${query}`, readKey, signal);
    const manifest: LakeManifest = await response.json();
    if (!Array.isArray(manifest.parts) || !Array.isArray(manifest.cut)) {
      throw new LakeError("The lake's list of parts is not in a form this page knows.");
    }
    first ??= manifest;
    parts.push(...manifest.parts);
    from = manifest.nextFrom;
    if (from === undefined) return { ...first, parts };
  }
  throw new LakeError("This range has more parts than the page can list. Choose a shorter one.");
}

export async function fetchPart(
  part: LakePart,
  readKey: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(partUrl(part), readKey, signal);
  return new Uint8Array(await response.arrayBuffer());
}

/** The key is a path whose segments hold `=`, which a URL path may. */
export function partUrl(part: LakePart): string {
  return `/v1/lake/${part.key.split("/").map(encodeURIComponent).join("/").replaceAll("%3D", "=")}`;
}

async function request(url: string, readKey: string, signal: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce(url, readKey, signal);
    if (result instanceof Response) return result;
    if (!result.retry || attempt === TRIES_MAX) throw result.error;
    await pause(RETRY_DELAY_MS * attempt, signal);
  }
}

async function tryOnce(
  url: string,
  readKey: string,
  signal: AbortSignal,
): Promise<Response | { error: LakeError; retry: boolean }> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${readKey}` }, signal });
  } catch {
    signal.throwIfAborted();
    return { error: new LakeError("The collector cannot be reached. Is it running?"), retry: true };
  }
  if (response.ok) return response;
  const { status } = response;
  if (status === 401 || status === 403) {
    return { error: new LakeError("The collector does not accept this read key.", true), retry: false };
  }
  const words = await problemText(response);
  const error = new LakeError(`The collector answered ${status}${words ? `: ${words}` : ""}.`);
  return { error, retry: status === 429 || status >= 500 };
}

/** What a problem+json answer (RFC 9457) says. */
async function problemText(response: Response): Promise<string> {
  if (!response.headers.get("content-type")?.includes("json")) return "";
  const problem: { title?: string; detail?: string } = await response.json();
  return (problem.detail ?? problem.title ?? "").replace(/\.$/, "");
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

import { fail, ok, type Result } from "../../collector/event/result.ts";
import { byteRange } from "./byte-range.ts";

/** Parts never change, so a browser may keep them; shared caches may not, since a read key was needed. */
const CACHE_CONTROL = "private, max-age=31536000, immutable, no-transform";

export type PartProblem = { code: "part_unknown" } | { code: "range_unsatisfiable"; size: number };

/** Answers `GET` and `HEAD` of a stored part: whole, a range of it, or "not modified". */
export async function partResponse(
  bucket: Pick<R2Bucket, "get" | "head">,
  key: string,
  request: Request,
): Promise<Result<Response, PartProblem>> {
  const stored = await bucket.head(key);
  if (stored === null) return fail({ code: "part_unknown" });
  const { size, httpEtag } = stored;
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    "Cache-Control": CACHE_CONTROL,
    "Content-Type": "application/vnd.apache.parquet",
    ETag: httpEtag,
    Vary: "Authorization",
  });
  if (matchesEtag(request.headers.get("If-None-Match"), httpEtag)) {
    return ok(new Response(null, { status: 304, headers }));
  }
  if (request.method === "HEAD") {
    headers.set("Content-Length", String(size));
    return ok(new Response(null, { headers }));
  }

  const range = byteRange(rangeHeader(request, httpEtag), size);
  if (range.kind === "unsatisfiable") return fail({ code: "range_unsatisfiable", size });
  if (range.kind === "whole") {
    const whole = await bucket.get(key);
    if (whole === null) return fail({ code: "part_unknown" });
    headers.set("Content-Length", String(size));
    return ok(new Response(whole.body, { headers }));
  }
  const length = range.last - range.first + 1;
  const slice = await bucket.get(key, { range: { offset: range.first, length } });
  if (slice === null) return fail({ code: "part_unknown" });
  headers.set("Content-Length", String(length));
  headers.set("Content-Range", `bytes ${range.first}-${range.last}/${size}`);
  return ok(new Response(slice.body, { status: 206, headers }));
}

/** `If-Range` with another file's tag turns the request into one for the whole file. */
function rangeHeader(request: Request, etag: string): string | undefined {
  const ifRange = request.headers.get("If-Range");
  if (ifRange !== null && ifRange !== etag) return undefined;
  return request.headers.get("Range") ?? undefined;
}

function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((tag) => {
    const trimmed = tag.trim();
    return trimmed === "*" || trimmed.replace(/^W\//, "") === etag;
  });
}

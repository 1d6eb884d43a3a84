/** Reads `_headers` as Cloudflare does: a path (with `*`) at the margin, its headers indented below. */
export function headersFor(text: string, pathname: string): [string, string][] {
  const headers: [string, string][] = [];
  let applies = false;
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!/^\s/.test(line)) applies = matches(line.trim(), pathname);
    else if (applies)
      headers.push([line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);
  }
  return headers;
}

function matches(pattern: string, pathname: string): boolean {
  return pattern.endsWith("*") ? pathname.startsWith(pattern.slice(0, -1)) : pathname === pattern;
}

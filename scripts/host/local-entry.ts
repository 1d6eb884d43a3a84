import type { FrontModule } from "./message.ts";

/** The entry point that the public socket calls. */
export const LOCAL_ENTRYPOINT = "Local";

/**
 * The main module of a local host: what Cloudflare does before a Worker is called, which is to answer with a file where
 * the path is not one of `run_worker_first`. Miniflare has two Workers for it that stand before every request and take
 * a quarter of a list's CPU; here a request for code meets none of them.
 *
 * @param built - the module that it stands in front of, such as "index.js"
 * @param codePaths - `run_worker_first` of wrangler.toml: whole paths, or what they begin with, followed by `*`
 */
export function localEntry(built: string, codePaths: readonly string[]): FrontModule {
  const isPrefix = (path: string): boolean => path.endsWith("*");
  const whole = codePaths.filter((path) => !isPrefix(path));
  const prefixes = codePaths.filter(isPrefix).map((path) => path.slice(0, -1));
  const unknown = [...whole, ...prefixes].find((path) => !path.startsWith("/") || path.includes("*"));
  if (unknown !== undefined) throw new Error(`run_worker_first has a pattern that is none here: ${unknown}`);
  const contents = `
import worker from "./${built}";
export * from "./${built}";
export default worker;

const WHOLE = new Set(${JSON.stringify(whole)});
const PREFIXES = ${JSON.stringify(prefixes)};
// What is so plain that parsing would change nothing.
const PLAIN = /^http:\\/\\/[a-z0-9.:-]+((?:\\/[\\w-]+)+)(?:\\?[\\w.~=&,-]*)?$/;

export const ${LOCAL_ENTRYPOINT} = {
  fetch(sent, env, ctx) {
    const plain = PLAIN.exec(sent.url);
    const { href, pathname } = plain ? { href: sent.url, pathname: plain[1] } : new URL(sent.url);
    // A path like /a/../v1 comes as it was sent, and every Worker on the way would have made it straight.
    const request = href === sent.url ? sent : new Request(href, sent);
    if (WHOLE.has(pathname) || PREFIXES.some((prefix) => pathname.startsWith(prefix)))
      return worker.fetch(request, env, ctx);
    return fileOr(request, env, () => worker.fetch(request, env, ctx));
  },
};

async function fileOr({ url, method, headers }, { ASSETS }, answer) {
  const file = await ASSETS.fetch(new Request(url, { method, headers, redirect: "manual" }));
  return file.status === 404 ? answer() : file;
}
`;
  return { name: "local-entry.js", contents };
}

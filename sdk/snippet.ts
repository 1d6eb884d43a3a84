import type { PartName } from "./part.ts";
import { ignore, safe } from "./safe.ts";
import { createTracker, type Tracker } from "./tracker.ts";

/** Named by the build after what is in it. */
declare const PARTS_FOLDER: string;

/** A call made before the script was there: method, arguments, and who waits for the result. */
type QueuedCall = [method: keyof Tracker, args?: unknown[], done?: (value: unknown) => void];

type Global = Partial<Tracker> & { q?: { push(call: QueuedCall): unknown; map?: QueuedCall[]["map"] } };

/** The script tag: `<script async src="https://collect.shop.example/t.js" data-key="wk_…"></script>`. */
safe(() => {
  const { src, dataset } = document.currentScript as HTMLScriptElement;
  const home = new URL(".", src).href;
  const page = self as unknown as { tidemark?: Global };
  // biome-ignore lint/suspicious/noAssignInExpressions: 10 B less
  const host = (page.tidemark ??= {});
  const early = host.q ?? [];
  // The tag is there twice: the first one has taken the queue already.
  if (!early.map) return;

  const tracker = createTracker(
    dataset.key as string,
    dataset.endpoint ?? home,
    (name: PartName): Promise<object> => import(/* @vite-ignore */ `${home}t/${PARTS_FOLDER}/${name}.js`),
    dataset.scrub,
  );
  const run = safe(([method, args = [], done = ignore]: QueuedCall) =>
    done((tracker[method] as (...args: unknown[]) => unknown)(...args)),
  );
  Object.assign(host, tracker, { q: { push: run } });
  early.map(run);
})();

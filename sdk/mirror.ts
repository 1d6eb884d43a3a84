import { type CopyStore, openCopy } from "./copy-store.ts";
import { isSound } from "./damaged.ts";
import { LOG_PREFIX, OFF_KEY, put, SESSION_KEY, segmentNames } from "./disk.ts";
import { youngForMs } from "./lock.ts";
import { streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";

/** Beyond this nothing more is copied. A log is shorter, but for bursts that outbox.ts moves a moment later. */
export const COPY_CHARS_MAX = 2_000_000;
/** What has left the log leaves the copy so much later; */
const TIDY_AFTER_MS = 1000;
/** while nothing leaves it, the log is looked at less and less often. */
const TIDY_EVERY_MS = 16_000;
/** A copy that was empty for as long is closed. */
const EMPTY_FOR_MS = 3000;

const mirrors = new WeakMap<Page, Mirror>();

/**
 * Keeps a second copy of the log, for pages whose events wait: a browser that is killed takes along what it had not
 * brought from localStorage to the disk, some seconds at first, then up to a minute. Called when events have waited, after a
 * failed request, where an earlier page left a copy behind, and after the log has become shorter.
 */
export async function start(page: Page, open: typeof openCopy = openCopy): Promise<void> {
  // Where storage is blocked, IndexedDB is no way around that.
  if (!safe(() => localStorage)()) return;
  const mirror = mirrors.get(page) ?? new Mirror(page, open);
  mirrors.set(page, mirror);
  if (page.isCopied) mirror.tidy();
  else if (!page.disk[OFF_KEY]) await mirror.open();
}

class Mirror {
  readonly #page: Page;
  readonly #openCopy: typeof openCopy;
  /** What the copy says of the segments that this page looks after. */
  readonly #copied = new Map<string, string>();
  #store: CopyStore | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tidyAfterMs = TIDY_AFTER_MS;
  #wasEmpty = false;

  constructor(page: Page, open: typeof openCopy) {
    this.#page = page;
    this.#openCopy = open;
    const { onLogged } = page;
    // In the task that logs: the browser may be killed a moment later.
    page.onLogged = () => {
      onLogged?.();
      this.#copyOwn();
    };
  }

  /** Without IndexedDB, or where it fails, there is one copy less, and nobody asks again on this page. */
  open: () => Promise<void> = async () => {
    this.#page.isCopied = true;
    try {
      this.#store = await this.#openCopy(() => this.#forget());
      this.#copyOwn();
      await this.#takeOver(this.#store);
      this.#wasEmpty = true;
      await this.#tidy();
    } catch {
      this.#store?.close();
      this.#store = undefined;
    }
  };

  #copyOwn = safe((): void => {
    if (!this.#store) return;
    const changes = new Map<string, string>();
    for (const { texts } of this.#page.batches)
      for (const name in texts) {
        const text = texts[name] as string;
        if (this.#copied.get(name) !== text) changes.set(name, text);
      }
    if (changes.size === 0) return;
    this.#write(changes);
    this.#wasEmpty = false;
    this.#tidyLater(TIDY_AFTER_MS);
  });

  #write(changes: Map<string, string | undefined>): void {
    if (changes.size === 0) return;
    let chars = 0;
    for (const text of this.#copied.values()) chars += text.length;
    for (const [name, text] of changes) {
      chars += text?.length ?? 0;
      if (text === undefined) this.#copied.delete(name);
      else if (chars > COPY_CHARS_MAX) changes.delete(name);
      else this.#copied.set(name, text);
    }
    this.#store?.write(changes);
  }

  /** The logs of pages that are gone, each under the lock that its page held while it lived. */
  async #takeOver(store: CopyStore): Promise<void> {
    const { disk, ownStream } = this.#page;
    const stored = await store.read();
    for (const stream of new Set([...stored.keys(), ...segmentNames(disk)].map(ownerOf))) {
      // A page that has just opened may live, and have no lock yet.
      if (stream === ownStream || youngForMs(stream)) continue;
      // Without locks a living page's log is put back as well; the collector counts it once.
      if (!navigator.locks) this.#restore(stream, stored);
      else
        await navigator.locks.request(LOG_PREFIX + stream, { ifAvailable: true }, (lock) =>
          // Read again: its page may have lived until now, and sent it.
          lock ? store.read().then((now) => this.#restore(stream, now)) : undefined,
        );
    }
  }

  /** What the log lost goes back into it, and what the copy has not comes in. The rest is ordinary recovery. */
  #restore(stream: string, stored: ReadonlyMap<string, string>): void {
    const page = this.#page;
    if (page.disk[OFF_KEY]) return;
    const changes = new Map<string, string | undefined>();
    for (const [name, text] of stored) {
      if (ownerOf(name) !== stream) continue;
      if (!isSound(name, text)) {
        changes.set(name, undefined);
        continue;
      }
      this.#copied.set(name, text);
      const logged = page.disk[name] ?? "";
      if (logged.length < text.length && text.startsWith(logged)) put(page, name, text);
    }
    for (const name of segmentNames(page.disk)) {
      const text = page.disk[name] as string;
      if (ownerOf(name) === stream && this.#copied.get(name) !== text) changes.set(name, text);
    }
    this.#write(changes);
  }

  #tidyLater(delayMs: number): void {
    if (this.#timer && delayMs >= this.#tidyAfterMs) return;
    clearTimeout(this.#timer);
    this.#tidyAfterMs = delayMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.tidy();
    }, delayMs);
  }

  tidy: () => void = () => void this.#tidy().catch(() => this.#forget());

  /** What has left the log (a receipt, the outbox, erased) leaves the copy. */
  async #tidy(): Promise<void> {
    if (!this.#store) return;
    const { disk } = this.#page;
    if (disk[OFF_KEY]) return this.#end(true);
    const gone = new Map<string, undefined>();
    // Where the shop has cleared its storage, what waits in memory is about to come back.
    if (disk[SESSION_KEY])
      for (const name of this.#copied.keys()) if (disk[name] === undefined) gone.set(name, undefined);
    this.#write(gone);
    const isEmpty = this.#copied.size === 0;
    if (isEmpty && this.#wasEmpty) await this.#end();
    else if (isEmpty) this.#tidyLater(EMPTY_FOR_MS);
    else this.#tidyLater(gone.size > 0 ? TIDY_AFTER_MS : Math.min(this.#tidyAfterMs * 2, TIDY_EVERY_MS));
    this.#wasEmpty = isEmpty;
  }

  /** The database goes when nobody has anything in it. */
  async #end(isErased = false): Promise<void> {
    const store = this.#store;
    if (!store) return;
    const isEmpty = isErased || (await store.read()).size === 0;
    if (!isErased && this.#copied.size > 0) return;
    this.#forget();
    if (isEmpty) await store.erase();
    else store.close();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#store = undefined;
    this.#copied.clear();
    this.#wasEmpty = false;
    this.#page.isCopied = false;
  }
}

/** Whose a name is; nobody's where somebody else wrote it. */
function ownerOf(name: string): string {
  return streamOf(name) ?? "";
}

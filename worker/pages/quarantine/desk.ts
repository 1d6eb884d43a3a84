import type {
  QuarantineAnswer,
  QuarantineEntry,
  QuarantineState,
} from "../../../collector/event/quarantine.ts";
import type { Answer } from "../api.ts";
import { byId, create, setAttribute, setText } from "../dom.ts";
import { formatNoun } from "../format.ts";
import { type BulkHooks, dropAll, replayAll } from "./bulk.ts";
import { Detail } from "./detail.ts";
import { EntryList, renderCount } from "./entry-list.ts";
import { dropText, replayText, summaryText, troubleText } from "./outcome-text.ts";
import type { Edit, QuarantineApi, QuarantineFilter } from "./quarantine-api.ts";

/** Entries of one page of the list. */
const PAGE_ENTRIES = 50;

/** Lists, shows and changes the quarantine of one site. */
export class Desk {
  readonly #list: EntryList;
  readonly #detail: Detail;
  readonly #filters: HTMLFormElement = byId<HTMLFormElement>("filters");
  readonly #onRefused: (code: string) => void;
  #api: QuarantineApi | undefined;
  #entries: QuarantineEntry[] = [];
  #next: string | undefined;
  #isBulkStopped = false;
  #openCount = 0;
  /** Counts the loads, so that an answer to an older question is not drawn. */
  #load = 0;

  /** @param onRefused - the key is not good for this */
  constructor(onRefused: (code: string) => void) {
    this.#onRefused = onRefused;
    this.#list = new EntryList((entry) => this.#select(entry, true));
    this.#detail = new Detail({
      onReplay: (entry, edit) => void this.#replay(entry, edit),
      onDrop: (entry, reason) => void this.#drop(entry, reason),
      onLeave: (entry) => this.#list.focus(entry.id),
      nowMs: () => Date.now(),
    });
    this.#filters.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.refresh();
    });
    this.#filters.addEventListener("change", () => void this.refresh());
    byId("more").addEventListener("click", () => void this.#more());
    byId("retry").addEventListener("click", () => void this.refresh());
    byId("show-all").addEventListener("click", () => {
      this.#filters.reset();
      void this.refresh();
    });
    byId("all-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#replayAll();
    });
    byId("all-drop-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#dropAll();
    });
    byId("all-stop").addEventListener("click", () => {
      this.#isBulkStopped = true;
    });
  }

  open(api: QuarantineApi): void {
    this.#api = api;
    void this.refresh();
  }

  close(): void {
    this.#api = undefined;
    this.#load++;
    byId("desk").hidden = true;
    setText(byId("site"), "");
    for (const id of ["count-open", "count-dropped", "count-evicted"]) renderCount(id, undefined, "none");
  }

  /** Asks again, from the newest event on. */
  async refresh(): Promise<void> {
    const answer = await this.#ask();
    if (!answer) return;
    this.#entries = [];
    this.#list.clear();
    this.#detail.clear();
    this.#say("");
    this.#draw(answer);
    const first = this.#entries[0];
    if (first) this.#select(first, false);
  }

  async #more(): Promise<void> {
    const answer = await this.#ask(this.#next);
    if (!answer) return;
    const known = this.#entries.length;
    this.#draw(answer);
    const entry = this.#entries[known];
    if (entry) this.#list.focus(entry.id);
  }

  /** One page; a page that is empty although there is more is followed. Undefined when it is not to be drawn. */
  async #ask(before?: string): Promise<QuarantineAnswer | undefined> {
    const load = ++this.#load;
    let at = before;
    for (;;) {
      const answer = await this.#api?.list(this.#filter(), PAGE_ENTRIES, at);
      if (load !== this.#load || !answer) return undefined;
      if (!this.#isOk(answer)) return undefined;
      if (answer.value.rows.length > 0 || answer.value.next === undefined) return answer.value;
      at = answer.value.next;
    }
  }

  #draw({ site, rows, next, open, dropped, evicted }: QuarantineAnswer): void {
    this.#entries.push(...rows);
    this.#next = next;
    this.#list.add(rows, Date.now());
    setText(byId("site"), site);
    this.#openCount = open;
    renderCount("count-open", open, "warn");
    renderCount(
      "count-dropped",
      dropped.reduce((sum, { count }) => sum + count, 0),
      "none",
    );
    renderCount(
      "count-evicted",
      Object.values(evicted).reduce((sum, count) => sum + count, 0),
      "warn",
    );
    setAttribute(
      byId("count-dropped"),
      "title",
      dropped.map(({ code, reason, count }) => `${count} ${code}: ${reason}`).join("\n"),
    );
    setAttribute(
      byId("count-evicted"),
      "title",
      Object.entries(evicted)
        .map(([code, count]) => `${count} ${code}`)
        .join("\n"),
    );
    const codes = new Set(this.#entries.map(({ code }) => code));
    byId("codes").replaceChildren(...[...codes].sort().map((code) => create("option", { value: code })));
    byId("more").hidden = next === undefined;
    byId("desk").hidden = false;
    const isEmpty = this.#entries.length === 0;
    byId("review").hidden = isEmpty;
    byId("all").hidden = isEmpty || !this.#entries.some(({ state }) => state === "open");
    this.#drawEmpty(isEmpty);
  }

  #drawEmpty(isEmpty: boolean): void {
    byId("empty").hidden = !isEmpty;
    const { state, code, source, session, fromMs } = this.#filter();
    const isFiltered = state !== "open" || code + source + session !== "" || fromMs !== undefined;
    setText(byId("empty-title"), isFiltered ? "Nothing matches this filter" : "Nothing waits for review");
    setText(
      byId("empty-text"),
      isFiltered
        ? "Events are kept for 30 days, and the newest 10,000 of each shard."
        : "Each event that came in was accepted, or somebody has looked at it. What is rejected from now on stands here.",
    );
    byId("show-all").hidden = !isFiltered;
  }

  #select(entry: QuarantineEntry, hasFocus: boolean): void {
    this.#list.mark(entry.id);
    this.#detail.show(entry);
    if (hasFocus) this.#detail.focusEditor();
  }

  async #replay(entry: QuarantineEntry, edit: Edit | undefined): Promise<void> {
    const answer = await this.#api?.replay([entry.id], edit ? { [entry.id]: edit } : {});
    if (!answer || !this.#isOk(answer)) return;
    const [result] = answer.value;
    if (!result) return;
    this.#say(replayText(result));
    const isCounted = result.outcome === "replayed" || result.outcome === "duplicate";
    if (isCounted) this.#became(entry, "replayed", edit ? { edited: true } : {});
    else if (result.outcome === "dropped") this.#became(entry, "dropped");
    else this.#detail.fail(replayText(result));
  }

  async #drop(entry: QuarantineEntry, reason: string): Promise<void> {
    const answer = await this.#api?.drop([entry.id], reason);
    if (!answer || !this.#isOk(answer)) return;
    const [result] = answer.value;
    if (!result) return;
    this.#say(dropText(result));
    if (result.outcome === "dropped") this.#became(entry, "dropped", { reason, payload: "" });
    else if (result.outcome === "replayed") this.#became(entry, "replayed");
  }

  /** The entry stays where it is in its new state; the next open one is one key away. */
  #became(entry: QuarantineEntry, state: QuarantineState, more: Partial<QuarantineEntry> = {}): void {
    const changed: QuarantineEntry = { ...entry, ...more, state, closedAtMs: Date.now() };
    const at = this.#entries.findIndex(({ id }) => id === entry.id);
    this.#entries[at] = changed;
    this.#list.update(changed, Date.now());
    this.#openCount = Math.max(0, this.#openCount - 1);
    renderCount("count-open", this.#openCount, "warn");
    const next = this.#entries.slice(at + 1).find(({ state }) => state === "open");
    this.#select(next ?? changed, false);
    this.#list.focus((next ?? changed).id);
  }

  async #replayAll(): Promise<void> {
    const text = byId<HTMLTextAreaElement>("all-patch").value.trim();
    const error = byId("all-error");
    let patch: unknown;
    try {
      patch = text === "" ? undefined : JSON.parse(text);
      error.hidden = true;
    } catch {
      error.hidden = false;
      setText(error, "This is not JSON yet.");
      return;
    }
    await this.#bulk("Replaying", (api, hooks) => replayAll(api, this.#filter(), patch, hooks));
  }

  async #dropAll(): Promise<void> {
    const reason = byId<HTMLInputElement>("all-reason");
    if (reason.value.trim() === "") {
      reason.focus();
      return;
    }
    await this.#bulk("Dropping", (api, hooks) => dropAll(api, this.#filter(), reason.value.trim(), hooks));
    reason.value = "";
  }

  async #bulk(
    verb: string,
    run: (api: QuarantineApi, hooks: BulkHooks) => ReturnType<typeof replayAll>,
  ): Promise<void> {
    const api = this.#api;
    if (!api) return;
    const buttons = ["all-replay", "all-drop"].map((id) => byId<HTMLButtonElement>(id));
    this.#isBulkStopped = false;
    for (const button of buttons) button.disabled = true;
    byId("all-stop").hidden = false;
    this.#say(`${verb}…`);
    const { results, trouble } = await run(api, {
      isStopped: () => this.#isBulkStopped || this.#api !== api,
      onProgress: (done) => this.#say(`${verb}… ${formatNoun(done.length, "event")} so far.`),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    for (const button of buttons) button.disabled = false;
    byId("all-stop").hidden = true;
    await this.refresh();
    this.#say(summaryText(results));
    if (trouble) this.#isOk(trouble);
  }

  #filter(): QuarantineFilter {
    const fields = new FormData(this.#filters);
    const text = (name: string): string => String(fields.get(name) ?? "").trim();
    const ageMs = Number(text("age"));
    return {
      state: text("state"),
      code: text("code"),
      source: text("source"),
      session: text("session"),
      fromMs: ageMs > 0 ? Date.now() - ageMs : undefined,
    };
  }

  /** Says what went wrong, if something did. */
  #isOk<Value>(answer: Answer<Value>): answer is Extract<Answer<Value>, { outcome: "ok" }> {
    byId("trouble").hidden = answer.outcome === "ok";
    if (answer.outcome === "ok") return true;
    if (answer.outcome === "refused" && (answer.status === 401 || answer.status === 403)) {
      byId("trouble").hidden = true;
      this.#onRefused(answer.code);
      return false;
    }
    byId("desk").hidden = false;
    setText(byId("trouble-text"), troubleText(answer));
    return false;
  }

  #say(text: string): void {
    setText(byId("outcome"), text);
  }
}

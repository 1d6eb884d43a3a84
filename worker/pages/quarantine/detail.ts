import type { QuarantineEntry } from "../../../collector/event/quarantine.ts";
import { byId, create, setAttribute, setText } from "../dom.ts";
import { formatAge } from "../format.ts";
import { eventPointer, pointedJson } from "./pointed-json.ts";
import type { Edit } from "./quarantine-api.ts";

interface DetailHooks {
  onReplay(entry: QuarantineEntry, edit: Edit | undefined): void;
  onDrop(entry: QuarantineEntry, reason: string): void;
  onLeave(entry: QuarantineEntry): void;
  nowMs(): number;
}

/** One rejected event: why, as it came, as it should have been, and what can be done with it. */
export class Detail {
  readonly #hooks: DetailHooks;
  readonly #editor: HTMLTextAreaElement = byId<HTMLTextAreaElement>("editor");
  readonly #reason: HTMLInputElement = byId<HTMLInputElement>("reason");
  readonly #error: HTMLElement = byId("editor-error");
  #entry: QuarantineEntry | undefined;
  /** The payload as it stood in the editor first. */
  #original = "";

  constructor(hooks: DetailHooks) {
    this.#hooks = hooks;
    byId("replay-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#replay();
    });
    byId("drop-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = this.#reason.value.trim();
      if (reason === "") this.#reason.focus();
      else if (this.#entry) this.#hooks.onDrop(this.#entry, reason);
    });
    byId("reset").addEventListener("click", () => {
      this.#editor.value = this.#original;
      this.#say(undefined);
      this.#editor.focus();
    });
    byId("detail").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#entry) this.#hooks.onLeave(this.#entry);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === this.#editor)
        this.#replay();
    });
  }

  get entry(): QuarantineEntry | undefined {
    return this.#entry;
  }

  /** Another event, or the same one in another state; then what was typed stays. */
  show(entry: QuarantineEntry): void {
    const isSame = this.#entry?.id === entry.id;
    this.#entry = entry;
    const pointer = eventPointer(entry.pointer);
    const { text, range } = pointedJson(entry.payload, pointer);
    setText(byId("detail-title"), entry.code);
    const state = byId("detail-state");
    setText(state, entry.state);
    setAttribute(state, "data-level", entry.state === "open" ? "warn" : "none");
    setText(byId("detail-why"), whyText(entry, pointer, range !== undefined));
    byId("facts").replaceChildren(...facts(entry, this.#hooks.nowMs()));
    drawPayload(text, range);
    byId("cut-note").hidden = entry.cut !== true || entry.state !== "open";
    const isOpen = entry.state === "open";
    byId("replay-form").hidden = !isOpen;
    byId("drop-form").hidden = !isOpen;
    if (isSame) return;
    this.#original = text;
    this.#editor.value = text;
    this.#editor.rows = Math.min(Math.max(text.split("\n").length + 1, 5), 20);
    this.#editor.setSelectionRange(0, 0);
    this.#editor.scrollTop = 0;
    this.#reason.value = "";
    this.#say(undefined);
  }

  clear(): void {
    this.#entry = undefined;
  }

  focusEditor(): void {
    if (this.#entry?.state !== "open") {
      byId("detail-title").focus();
      return;
    }
    const { range } = pointedJson(this.#entry.payload, eventPointer(this.#entry.pointer));
    this.#editor.focus();
    // The place of the fault is where typing begins.
    if (range && this.#editor.value === this.#original) this.#editor.setSelectionRange(range[1], range[1]);
  }

  /** Why the last replay did not work. */
  fail(problem: string): void {
    this.#say(problem);
  }

  #replay(): void {
    const entry = this.#entry;
    if (entry?.state !== "open") return;
    const text = this.#editor.value;
    if (text === this.#original) {
      if (entry.cut) this.#say("Only a part of this event is kept: write the whole event first.");
      else this.#hooks.onReplay(entry, undefined);
      return;
    }
    try {
      this.#say(undefined);
      this.#hooks.onReplay(entry, { event: JSON.parse(text) });
    } catch (error) {
      this.#say(`This is not JSON yet. ${error instanceof Error ? error.message : ""}`);
    }
  }

  #say(problem: string | undefined): void {
    this.#error.hidden = problem === undefined;
    setText(this.#error, problem ?? "");
    this.#editor.setAttribute("aria-invalid", String(problem !== undefined));
  }
}

function whyText(entry: QuarantineEntry, pointer: string, isThere: boolean): string {
  if (entry.state === "dropped") return `Dropped: ${entry.reason ?? "no reason"}. Its payload was deleted.`;
  const place = pointer === "" ? "the event itself" : `${pointer}${isThere ? "" : ", which is missing"}`;
  const was = `Rejected at ${place}.`;
  return entry.state === "replayed"
    ? `${was} It was replayed${entry.edited ? ", edited," : ""} and counts since then.`
    : was;
}

function facts(entry: QuarantineEntry, nowMs: number): HTMLElement[] {
  const lines: [term: string, text: string][] = [
    [
      "Received",
      `${new Date(entry.receivedAtMs).toLocaleString("en-GB")} (${formatAge(nowMs - entry.receivedAtMs)} ago)`,
    ],
    ["Source", entry.source],
    ["Session", entry.session],
    ["Id", entry.id],
  ];
  if (entry.closedAtMs !== undefined)
    lines.push([
      entry.state === "dropped" ? "Dropped" : "Replayed",
      new Date(entry.closedAtMs).toLocaleString("en-GB"),
    ]);
  return lines.map(([term, text]) =>
    create("div", {}, create("dt", {}, term), create("dd", {}, create("bdi", {}, text))),
  );
}

function drawPayload(text: string, range: [number, number] | undefined): void {
  const payload = byId("payload");
  payload.hidden = text === "";
  byId("payload-title").hidden = text === "";
  if (!range) payload.replaceChildren(text);
  else {
    const mark = create("mark", {}, text.slice(...range));
    payload.replaceChildren(text.slice(0, range[0]), mark, text.slice(range[1]));
    // The fault is what somebody came to see.
    payload.scrollTop = Math.max(0, mark.offsetTop - payload.offsetTop - payload.clientHeight / 2);
  }
}

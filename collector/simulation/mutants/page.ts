import type { Mutant } from "./mutant.ts";

const TRACKER = "sdk/tracker.ts";
const SENDER = "sdk/sender.ts";

/** The page's log and its sender. */
export const PAGE_MUTANTS: Mutant[] = [
  {
    name: "an event is sent and not logged",
    file: TRACKER,
    find: "    if (text) put(page, segment, text);\n    page.onLogged",
    replace: "    page.onLogged",
  },
  {
    name: "the log is cut when a batch is sent, not when it is acknowledged",
    file: SENDER,
    find: "    if (batch.reply.ok) {",
    replace: "    for (const name in batch.texts) delete page.disk[name];\n    if (batch.reply.ok) {",
  },
  {
    name: "positions go on in a new stream",
    file: TRACKER,
    find: "    page.ownStream = newId();\n    page.batches = new Set();",
    replace: "    page.ownStream ||= newId();\n    page.batches = new Set();",
  },
  {
    name: "what the collector cannot take now is given up",
    file: "sdk/verdict.ts",
    find: 'if (!isCoded && reply.status !== TOO_LARGE) return "later";',
    replace: 'if (!isCoded && reply.status !== TOO_LARGE) return "never";',
  },
  {
    name: "logs of pages that are gone stay where they are",
    file: "sdk/send-others.ts",
    find: "    if (stream === page.ownStream) continue;",
    replace: "    if (stream) continue;",
  },
  {
    name: "a probe cuts what is partly there",
    file: "sdk/probe.ts",
    find: "range[0] <= segment.seq && last <= range[1]",
    replace: "range[0] <= segment.seq && last <= range[1] + 1",
  },
  {
    name: "a sample leaves out views and orders too",
    file: "sdk/sample.ts",
    find: "(hints.sample?.[lane] ?? 1) : 1;",
    replace: "(hints.sample?.[lane] ?? 1) : 0.5;",
  },
  {
    name: "what a sample leaves out is sent all the same",
    file: "sdk/sample.ts",
    find: "    else leaveOut(page);",
    replace: "    else track(name, params), leaveOut(page);",
  },
  {
    name: "a page of somebody else is taken for a receipt",
    file: "sdk/verdict.ts",
    find: '?.includes("html") ? "later" : "taken"',
    replace: '?.includes("html") ? "taken" : "taken"',
  },
  {
    name: "what is too large is given up with all that came beside it",
    file: "sdk/verdict.ts",
    find: 'if (chars === undefined) return "smaller";',
    replace: 'if (chars === undefined) return "never";',
  },
  {
    name: "the second half of a segment begins at its first number",
    file: "sdk/log.ts",
    find: "firstSeq(name) + middle}`;",
    replace: "firstSeq(name) + middle - 1}`;",
  },
  {
    name: "a page cuts a segment that has grown since it was sent",
    file: SENDER,
    find: "for (const name in batch.texts) if (page.disk[name] === batch.texts[name]) delete page.disk[name];",
    replace:
      "for (const name in page.disk) if (name.startsWith('tm:' + page.ownStream)) delete page.disk[name];",
  },
];

/**
 * What one hostile batch costs the edge: 500 events with 3,600 UTF-16 units of text each, nearly as much as a body
 * may hold. CPU of decoding it, the shortest of some runs, in Node.
 *
 *   npm run bench:mask -- [--runs 5] [--events 500] [--length 600]
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { decodeBatch } from "../collector/ingest/decode.ts";
import { HOSTILE_TEXTS } from "../scripts/fuzz/hostile-texts.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    events: { type: "string", default: "500" },
    length: { type: "string", default: "600" },
  },
});
const [runs, events, length] = [Number(values.runs), Number(values.events), Number(values.length)];
const PLAIN: [string, (length: number) => string] = [
  "plain text",
  (n) => "A trail shoe for the long walk, ".repeat(n).slice(0, n),
];
const NOW_MS = Date.UTC(2026, 10, 2, 12);

console.log(`node ${process.version}, ${cpus()[0]?.model}, ${events} events of 6 texts of ${length}`);
for (const [name, textOf] of [PLAIN, ...HOSTILE_TEXTS]) {
  const ms = Math.min(...Array.from({ length: runs }, () => decodeMs(textOf(length))));
  console.log(`${name.padEnd(32)}${ms.toFixed(1).padStart(7)} ms`);
}

function decodeMs(text: string): number {
  const event = {
    name: "view_item",
    occurredAtMs: NOW_MS,
    title: text,
    searchTerm: text,
    props: { a: text, b: text, c: text, d: text },
  };
  const body = { session: "s", stream: "st", seq: 0, events: Array.from({ length: events }, () => event) };
  const before = process.threadCpuUsage();
  const decoded = decodeBatch(body, { site: "shop", receivedAtMs: NOW_MS, derivedVisitor: "d" });
  const { user, system } = process.threadCpuUsage(before);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.reason));
  return (user + system) / 1000;
}

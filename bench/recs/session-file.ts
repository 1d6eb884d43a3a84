import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

export interface SessionRow {
  session: string;
  atMs: number;
  item: string;
  kind: "view" | "cart" | "buy";
  split: string;
  /** What the file says of the item, where it has such columns. */
  category?: string;
  name?: string;
}

/** Rows of a session file (`session_id,ts,item,type[,split,category,name]`, gzip or plain), in the order of the file. */
export async function readSessionFile(path: string, rowsMax: number): Promise<SessionRow[]> {
  const bytes = createReadStream(path);
  const text = (await isGzip(path)) ? bytes.pipe(createGunzip()) : bytes;
  const rows: SessionRow[] = [];
  let columns: string[] | undefined;
  for await (const line of createInterface({ input: text })) {
    if (columns === undefined) {
      columns = line.split(",");
      for (const needed of ["session_id", "ts", "item"]) {
        if (!columns.includes(needed)) throw new Error(`${path}: no column ${needed} in "${line}"`);
      }
      continue;
    }
    if (line === "") continue;
    const cells = line.split(",");
    const cell = (name: string) => cells[columns?.indexOf(name) ?? -1] ?? "";
    rows.push({
      session: cell("session_id"),
      atMs: Number(cell("ts")),
      item: cell("item"),
      kind: kindOf(cell("type")),
      split: cell("split"),
      ...(columns.includes("category") ? { category: cell("category") } : {}),
      ...(columns.includes("name") ? { name: cell("name") } : {}),
    });
    if (rows.length >= rowsMax) break;
  }
  bytes.destroy();
  return rows;
}

function kindOf(type: string): SessionRow["kind"] {
  if (/cart/.test(type)) return "cart";
  return /buy|order|purchase|transaction/.test(type) ? "buy" : "view";
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  return buffer[0] === 0x1f && buffer[1] === 0x8b;
}

import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

/** A real shop's sessions, where the machine has them; TIDEMARK_SESSIONS names another file of the same schema. */
const REAL_FILE = process.env.TIDEMARK_SESSIONS ?? "../shared/data/diginetica.events.csv.gz";
/** Rows of the real file that the test sends, and of the made one when there is none. */
const REAL_ROWS = 200_000;
const MADE_ROWS = 20_000;

/** Writes the session file of the test and returns how many rows it has. */
export async function writeSessions(file: string): Promise<number> {
  return existsSync(REAL_FILE) ? writeHead(REAL_FILE, file, REAL_ROWS) : writeMade(file, MADE_ROWS);
}

async function writeHead(from: string, to: string, rowsMax: number): Promise<number> {
  const source = createReadStream(from);
  const out = createWriteStream(to);
  let rows = -1;
  for await (const line of createInterface({
    input: from.endsWith(".gz") ? source.pipe(createGunzip()) : source,
  })) {
    out.write(`${line}\n`);
    if (++rows >= rowsMax) break;
  }
  source.destroy();
  out.end();
  await once(out, "finish");
  return rows;
}

/** Sessions that walk along a ring of items, two steps at most: what follows an item is known. */
async function writeMade(to: string, rows: number): Promise<number> {
  const out = createWriteStream(to);
  out.write("session_id,ts,item,type,split\n");
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const startMs = Date.UTC(2016, 0, 1);
  for (let row = 0, session = 1; row < rows; session++) {
    let item = random(500);
    let atMs = startMs + session * 70_000;
    for (let click = 2 + random(6); click > 0 && row < rows; click--, row++) {
      out.write(`${session},${atMs},${item + 1},view,train\n`);
      item = (item + 1 + random(2)) % 500;
      atMs += 13_000 + random(60_000);
    }
  }
  out.end();
  await once(out, "finish");
  return rows;
}

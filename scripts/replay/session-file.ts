import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { CsvReader } from "./csv.ts";
import { type Columns, type Malformed, type Row, readHeader, readRow } from "./row.ts";

/** A session file, CSV or gzip of it; never held in memory. */
export interface SessionFile {
  path: string;
  bytes: number;
  isGzip: boolean;
  /** First 16 hex digits of the content's SHA-256: gzip or plain, the same rows are the same file. */
  id: string;
}

/** What is wrong with the file, and what to do about it. */
export class FileTrouble extends Error {}

export async function openSessionFile(path: string): Promise<SessionFile> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new FileTrouble(
      error.code === "ENOENT"
        ? `There is no file ${path}. Check the path; it is taken from the current folder.`
        : `${path} cannot be read: ${error.message}`,
    );
  });
  if (!info.isFile()) throw new FileTrouble(`${path} is not a file. Give the session file itself.`);
  const isGzip = await startsWithGzip(path);
  const hash = createHash("sha256");
  for await (const chunk of bytesOf(path, isGzip)) hash.update(chunk);
  return { path, bytes: info.size, isGzip, id: hash.digest("hex").slice(0, 16) };
}

/**
 * Reads row by row.
 *
 * @param onMalformed - gets each row that is none; the reading goes on
 * @param onBytes - gets how many bytes of the file have been read
 */
export async function* readRows(
  file: SessionFile,
  onMalformed: (row: Malformed) => void,
  onBytes: (read: number) => void,
): AsyncGenerator<Row> {
  const csv = new CsvReader();
  const decoder = new TextDecoder();
  let columns: Columns | undefined;
  function* rowsOf(text: string, isEnd: boolean): Generator<Row> {
    for (const record of isEnd ? csv.end() : csv.push(text)) {
      if (record.broken !== undefined) {
        if (columns === undefined)
          throw new FileTrouble(
            `${file.path} is no session file: its first line is no CSV header. It needs session_id, ts, item and may have type.`,
          );
        onMalformed({
          line: record.line,
          why: record.broken === "quote" ? "the quotes do not match" : "a quote is never closed",
        });
      } else if (columns === undefined) {
        const header = readHeader(record.fields);
        if (!header.ok)
          throw new FileTrouble(
            `${file.path} is no session file: its header has no column ${header.reason}. It needs session_id, ts, item and may have type.`,
          );
        columns = header.value;
      } else {
        const row = readRow(record.fields, columns, record.line);
        if (row.ok) yield row.value;
        else onMalformed(row.reason);
      }
    }
  }
  for await (const chunk of bytesOf(file.path, file.isGzip, onBytes))
    yield* rowsOf(decoder.decode(chunk, { stream: true }), false);
  const last = decoder.decode();
  if (last !== "") yield* rowsOf(last, false);
  yield* rowsOf("", true);
  if (columns === undefined) throw new FileTrouble(`${file.path} is empty: not even a header.`);
}

async function startsWithGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function* bytesOf(
  path: string,
  isGzip: boolean,
  onBytes?: (read: number) => void,
): AsyncGenerator<Buffer> {
  const source = createReadStream(path);
  const gunzip = isGzip ? createGunzip() : undefined;
  // pipe() does not pass errors on.
  if (gunzip !== undefined) source.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    for await (const chunk of gunzip ?? source) {
      onBytes?.(source.bytesRead);
      yield chunk;
    }
  } catch (error) {
    throw new FileTrouble(
      `${path} ends or breaks in the middle: ${(error as Error).message}. Fetch it again.`,
    );
  } finally {
    source.destroy();
  }
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit says that checksums are of big-endian words. */
const MAGIC = 0x377f0682;

type Sums = readonly [number, number];

/**
 * What is wrong in the middle of a `-wal` file of SQLite, or undefined.
 *
 * SQLite reads such a file up to the first frame whose checksum fails, which is right for the torn end that a crash
 * leaves, and silently forgets every later commit when it is damage. The two differ: a commit is written after the one
 * before it is on disk, so behind a torn one there is no other. Damage to the last two commits may look like a
 * torn one and is not always found.
 */
export function walDamage(wal: Uint8Array): string | undefined {
  if (wal.byteLength < HEADER_BYTES) return undefined;
  const view = new DataView(wal.buffer, wal.byteOffset, wal.byteLength);
  const magic = view.getUint32(0);
  if ((magic & ~1) >>> 0 !== MAGIC) return "its header is not one of SQLite";
  const isLittle = (magic & 1) === 0;
  const pageBytes = view.getUint32(8);
  const seed = sum(view, 0, 24, [0, 0], isLittle);
  if (!same(seed, sumsAt(view, 24))) return "its header fails its checksum";

  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const frames = Math.floor((wal.byteLength - HEADER_BYTES) / frameBytes);
  let before: Sums = seed;
  let firstBad: number | undefined;
  let commits = 0;
  for (let frame = 0; frame < frames; frame++) {
    const at = HEADER_BYTES + frame * frameBytes;
    const isOurs =
      view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20);
    const stored = sumsAt(view, at + 16);
    const header = sum(view, at, 8, before, isLittle);
    const isGood = isOurs && same(sum(view, at + FRAME_HEADER_BYTES, pageBytes, header, isLittle), stored);
    // Each frame goes on from the checksum of the one before it, as it is stored there.
    before = stored;
    if (!isGood) firstBad ??= frame;
    const isCommit = isOurs && view.getUint32(at + 4) !== 0;
    if (firstBad !== undefined && isCommit && (isGood || frame === firstBad)) commits++;
    if (commits > 1) return `its frame ${firstBad} is damaged, and later commits would be forgotten`;
  }
  return undefined;
}

/** SQLite's checksum: two running sums over pairs of 32-bit words. */
function sum(view: DataView, from: number, length: number, [a, b]: Sums, isLittle: boolean): Sums {
  let s0 = a;
  let s1 = b;
  for (let at = from; at < from + length; at += 8) {
    s0 = (s0 + view.getUint32(at, isLittle) + s1) >>> 0;
    s1 = (s1 + view.getUint32(at + 4, isLittle) + s0) >>> 0;
  }
  return [s0, s1];
}

function sumsAt(view: DataView, at: number): Sums {
  return [view.getUint32(at), view.getUint32(at + 4)];
}

function same(a: Sums, b: Sums): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** A message of an Arrow IPC stream: marker, length of the metadata, metadata, body. */
const MARKER = 0xffffffff;
const HEAD_BYTES = 8;

/**
 * Several Arrow IPC streams of one schema as one: the first as it is, of the others the record batches.
 * One insert of many small parts then costs what one part costs.
 */
export function joinStreams(streams: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const pieces = streams.map((stream, index) =>
    stream.subarray(index === 0 ? 0 : schemaBytes(stream), endOf(stream)),
  );
  // The end of a stream: a marker and a length of nothing.
  const end = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, end.length));
  let offset = 0;
  for (const piece of [...pieces, end]) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}

/** Of the first message, which is the schema and has no body. */
function schemaBytes(stream: Uint8Array): number {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  if (view.getUint32(0, true) !== MARKER) throw new Error("not an Arrow IPC stream");
  return HEAD_BYTES + view.getInt32(4, true);
}

/** Without the end mark, which a writer may leave out. */
function endOf(stream: Uint8Array): number {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const last = stream.length - HEAD_BYTES;
  const marked =
    last >= HEAD_BYTES && view.getUint32(last, true) === MARKER && view.getInt32(last + 4, true) === 0;
  return marked ? last : stream.length;
}

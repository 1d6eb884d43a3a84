/** Where a rejected event is: the shard and journal record of its receipt, and its place among its rejected events. */
export interface QuarantineId {
  shard: number;
  lsn: number;
  index: number;
}

export function formatQuarantineId({ shard, lsn, index }: QuarantineId): string {
  return `${shard}-${lsn}-${index}`;
}

/** Undefined when the text is not one of ours. One place has one spelling, or it could be replayed under two. */
export function parseQuarantineId(text: string): QuarantineId | undefined {
  const match = /^(0|[1-9]\d{0,2})-(0|[1-9]\d{0,10})-(0|[1-9]\d{0,5})$/.exec(text);
  if (!match) return undefined;
  const [shard, lsn, index] = match.slice(1).map(Number) as [number, number, number];
  return { shard, lsn, index };
}

/**
 * What looking for private text may cost in one batch. One look is one UTF-16 unit under one finder; texts
 * that hold nothing a finder could begin with cost nothing.
 */
export interface Work {
  looksLeft: number;
}

/** Takes the looks, and says whether they were there. */
export function take(work: Work | undefined, looks: number): boolean {
  if (work === undefined) return true;
  work.looksLeft -= looks;
  return work.looksLeft >= 0;
}

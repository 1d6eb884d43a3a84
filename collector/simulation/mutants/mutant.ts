/** A wrong variant of the code, as somebody might write it: one replacement in one file. */
export interface Mutant {
  /** What it does wrong. */
  name: string;
  /** Path from the root of the repository. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
}

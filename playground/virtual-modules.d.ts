declare module "virtual:engine-files" {
  /** URLs on our own origin. */
  export const duckdb: string;
  export const parquet: string;
}

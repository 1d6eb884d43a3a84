declare module "virtual:sdk-page" {
  /** See sdk-page.ts. */
  export const evaluatePage: import("../../collector/simulation/page-globals.ts").EvaluatePage;
}

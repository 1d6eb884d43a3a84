/// <reference path="sdk-page.d.ts" />
/** The simulation with the collector and the SDK, to be bundled into one file. */
export { evaluatePage } from "virtual:sdk-page";
export { simulate } from "../../collector/simulation/simulate.ts";

import type { Page } from "./part.ts";
export function start(_page: Page): void {}

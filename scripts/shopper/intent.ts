/** Why somebody came, and how often that is the reason. */
export const INTENTS = {
  windowShopper: 42,
  searcher: 22,
  comparer: 14,
  buyer: 7,
  bargainHunter: 8,
  returning: 7,
  bouncer: 6,
} as const;
export type Intent = keyof typeof INTENTS;

/** Browsers that shops see; the last is what a bouncer that is no person sends. */
export const BROWSERS: readonly string[] = [
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
  "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
];
export const CRAWLER = "Mozilla/5.0 (compatible; PriceCrawler/2.1; +https://crawler.example/bot)";

import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import type { Page } from "./part.ts";

let isStarted = false;

/** Core Web Vitals, each once a page, when it is final. */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  const report = ({ name, value, rating }: Metric): void =>
    page.tracker.track("web_vital", {
      metric: name,
      // CLS is a ratio, the others are ms.
      metricValue: Math.round(value * 1000) / 1000,
      rating,
    });
  for (const observe of [onCLS, onFCP, onINP, onLCP, onTTFB]) observe(report);
}

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { sdkPage } from "./scripts/simulate/sdk-page.ts";

/** Two busy cores must not fail a test: it is the assertions that fail, not the clock. */
const UNIT_TEST_MS = 30_000;
/** A browser starts, or a whole system starts, inside one test. */
const SLOW_TEST_MS = 60_000;
/** One whole-system test replays real data and is killed on the way. */
const SYSTEM_TEST_MS = 180_000;

const BROWSER_TESTS = "**/*.browser.test.ts";
/** The longest test of the whole system: a kind of its own, so that it can run beside the others. */
const REPLAY_TEST = "worker/system/replay.test.ts";
/** Long scenarios, which `npm run test:scenarios` runs and `npm test` does not. */
const SCENARIO_TESTS = "**/*.scenario.test.ts";
/** The same in another browser, which `npm test` does not ask for: `npm run test:firefox`. */
const FIREFOX_TESTS = "**/*.firefox.test.ts";

export default defineConfig({
  test: {
    // `system` and `browser` start processes: their files run one after the other.
    projects: [
      {
        plugins: [sdkPage()],
        test: {
          name: "collector",
          environment: "node",
          include: ["{collector,scripts,sdk,playground,worker/pages}/**/*.test.ts"],
          exclude: [BROWSER_TESTS, SCENARIO_TESTS, FIREFOX_TESTS],
          testTimeout: UNIT_TEST_MS,
          hookTimeout: SLOW_TEST_MS,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TIDEMARK_DEMO: "1",
                TIDEMARK_SECRET: "test-secret",
                TIDEMARK_LAKE_AGE_MS: "10000",
                ...campaignSize(),
              },
            },
          }),
        ],
        test: {
          name: "worker",
          include: ["worker/**/*.test.ts"],
          exclude: ["worker/system/**", "worker/pages/**"],
          testTimeout: UNIT_TEST_MS,
          hookTimeout: SLOW_TEST_MS,
        },
      },
      {
        test: {
          name: "browser",
          environment: "node",
          include: [`{sdk,playground,worker/pages}/${BROWSER_TESTS}`],
          fileParallelism: false,
          testTimeout: SLOW_TEST_MS,
          hookTimeout: SLOW_TEST_MS,
        },
      },
      {
        test: {
          name: "scenarios",
          environment: "node",
          include: [`sdk/${SCENARIO_TESTS}`],
          fileParallelism: false,
          testTimeout: SYSTEM_TEST_MS,
          hookTimeout: SLOW_TEST_MS,
        },
      },
      {
        test: {
          name: "firefox",
          environment: "node",
          include: [`sdk/${FIREFOX_TESTS}`],
          fileParallelism: false,
          testTimeout: SYSTEM_TEST_MS,
          hookTimeout: SYSTEM_TEST_MS,
        },
      },
      {
        test: {
          name: "system",
          environment: "node",
          include: ["worker/system/**/*.test.ts"],
          exclude: [REPLAY_TEST],
          fileParallelism: false,
          testTimeout: SYSTEM_TEST_MS,
          hookTimeout: SYSTEM_TEST_MS,
        },
      },
      {
        test: {
          name: "replay",
          environment: "node",
          include: [REPLAY_TEST],
          testTimeout: SYSTEM_TEST_MS,
          hookTimeout: SYSTEM_TEST_MS,
        },
      },
    ],
  },
});

/** What `npm run tenants` asks for; tests in workerd see no environment, only bindings. */
function campaignSize(): Record<string, string> {
  const { TENANTS_OPERATIONS: operations, TENANTS_SEED: seed } = process.env;
  return {
    ...(operations === undefined ? {} : { TENANTS_OPERATIONS: operations }),
    ...(seed === undefined ? {} : { TENANTS_SEED: seed }),
  };
}

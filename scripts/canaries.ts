/**
 * `npm run canaries -- --count 2000`: made-up e-mail addresses, cards, phone numbers, accounts, addresses and secrets
 * through every way in, then a search in all that keeps or says something: databases, their logs and free pages,
 * bucket, lake, answers, errors, live messages, log. Ends with 1 when one is found.
 *
 *   --count N     how many (default 2000)
 *   --seed S      of everything that is drawn (default: the time)
 *   --corpus N    instead: precision and recall of masking over N texts of each kind
 */
import { parseArgs } from "node:util";
import { build } from "./build/build.ts";
import { corpusLines } from "./canaries/corpus.ts";
import { runCanaries } from "./canaries/run.ts";
import { summaryLines } from "./canaries/summary.ts";
import { describeTrouble } from "./host/trouble.ts";

try {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "2000" },
      seed: { type: "string" },
      corpus: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  if (values.corpus !== undefined) {
    console.log(
      [
        `npm run canaries -- --corpus ${values.corpus} --seed ${seed}`,
        ...corpusLines(seed, Number(values.corpus)),
      ].join("\n"),
    );
  } else {
    await build(() => {});
    const result = await runCanaries({ count: Number(values.count), seed });
    console.log(
      [`npm run canaries -- --count ${values.count} --seed ${seed}`, ...summaryLines(result)].join("\n"),
    );
    process.exitCode = result.leaks.length + result.blind.length === 0 ? 0 : 1;
  }
} catch (error) {
  console.error(describeTrouble(error));
  process.exitCode = 2;
}

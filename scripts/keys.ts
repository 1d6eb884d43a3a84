/**
 * `npm run keys`: makes the keys of a site, prints the secrets once, and what TIDEMARK_SITES takes in their place.
 *
 *   npm run keys -- --site shop --origin https://shop.example   a new site: write, read and admin key
 *   npm run keys -- --site shop --role read --expires 2027-06-01 --scope reports
 *                                                               another key of a site, to rotate or to narrow
 *   npm run keys -- --hash < file                               the hash of a key that is there already
 */
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { describeTrouble, Trouble } from "./host/trouble.ts";
import { readArguments } from "./keys/arguments.ts";
import { KEY_BYTES, KEY_LENGTH_MIN, keyHash, makeKeys } from "./keys/make-keys.ts";

try {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted.isHash) console.log(await hashOfInput());
  else {
    const { keys, config } = makeKeys(wanted, () => randomBytes(KEY_BYTES), Date.now());
    // The secrets go where people read, the configuration where `>` and `|` lead: it may be stored, they may not.
    console.error(`\nKeys of ${wanted.site}. The secret ones are shown this once and are stored nowhere:\n`);
    for (const { role, kid, text } of keys) console.error(`  ${role.padEnd(10)}${text}   (${kid})`);
    const place =
      wanted.origins.length > 0 ? "TIDEMARK_SITES" : `For the \`keys\` of ${wanted.site} in TIDEMARK_SITES`;
    console.error(`\n${place}:\n`);
    console.log(JSON.stringify(config, undefined, 2));
  }
} catch (error) {
  console.error(describeTrouble(error));
  process.exit(1);
}

/** Not an argument: arguments are in the shell's history and in the list of processes. */
async function hashOfInput(): Promise<string> {
  const key = (await text(process.stdin)).trim();
  if (key.length >= KEY_LENGTH_MIN) return keyHash(key);
  throw new Trouble(
    `The key has fewer than ${KEY_LENGTH_MIN} characters, so its hash could be tried out.`,
    "Make one with npm run keys -- --site <site> --role read",
  );
}

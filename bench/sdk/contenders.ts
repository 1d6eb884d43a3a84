import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** What a page with one tracker loads, and how it says an event. */
export interface Contender {
  name: string;
  /** Served as `/script.js`; undefined for the page without any. */
  script?: string;
  /** Attributes of its script element. */
  attributes?: string;
  /** Calls of the page: `start()` once after the script, `say(params)` for each event. */
  calls: string;
  /** Where its script finds files of its own. */
  assets?: URL;
}

/** What a shop says of an event; made by the page before its tracker is called. */
export const PARAMS =
  "params = (n) => ({ item_id: 'SKU-' + (n % 97), item_name: 'Product ' + (n % 97), item_category: 'Category ' + (n % 7), " +
  "price: 12.9 + (n % 97), currency: 'EUR', quantity: 1, position: n % 20, item_list_id: 'search' });";

/** What a script can cost at least: its events wait in memory, and nothing is kept. A page view goes when ours does. */
const FLOOR = `(() => {
  let queue = [];
  const send = () => { if (queue.length) navigator.sendBeacon("/v1/batches", JSON.stringify(queue)); queue = []; };
  self.floor = (name, params) => { queue.push({ name, params, at: Date.now() }); };
  setTimeout(send, 1000);
  setInterval(send, 5000);
  addEventListener("pagehide", send);
})();`;

/**
 * The page without SDK, a floor, ours as it is served, and two peers as npm has them, with the settings of their docs.
 *
 * @param builds - folders of our assets, the one to be measured first
 */
export async function contenders(builds: URL[]): Promise<Contender[]> {
  return [
    { name: "no SDK", calls: "start = () => {}; say = () => {};" },
    {
      name: "queue in memory",
      script: FLOOR,
      calls: `start = () => floor("page_view", {}); say = (params) => floor("view_item", params);`,
    },
    ...builds.map((assets, at) => ({
      name: at === 0 ? "Tidemark" : "Tidemark, other build",
      script: readFileSync(new URL("t.js", assets), "utf8"),
      attributes: `data-key="wk_demo"`,
      calls: `start = () => {}; say = (params) => tidemark.track("view_item", params);`,
      assets,
    })),
    {
      name: "Snowplow",
      script: await bundle("snowplow"),
      calls: `start = () => { peer.newTracker("sp", location.origin, { appId: "shop" }); peer.trackPageView(); };
        say = (data) => peer.trackSelfDescribingEvent({ event: { schema: "iglu:shop/view_item/jsonschema/1-0-0", data } });`,
    },
    {
      name: "Plausible",
      script: await bundle("plausible"),
      calls: `start = () => peer.init({ domain: "shop.example", endpoint: location.origin + "/event", captureOnLocalhost: true, logging: false });
        say = (props) => peer.track("view_item", { props });`,
    },
  ];
}

async function bundle(name: string): Promise<string> {
  const entry = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, target: "es2022", lib: { entry, formats: ["iife"], name: "peer" } },
  });
  const [result] = [built].flat();
  if (!result || !("output" in result)) throw new Error(`no bundle of ${name}`);
  return result.output[0].code;
}

/** VMIS-kNN behind Node's HTTP server and nothing else, in a process of its own. Ends with its parent. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { vmisKnn } from "../recs/vmis-knn.ts";

const RECENT_MAX = 50;
const model = vmisKnn();
/** The newest clicks of each session. */
const clicks = new Map<string, string[]>();

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  if (request.method === "POST") {
    void bodyOf(request).then((body) => {
      for (const { session, item } of JSON.parse(body) as { session: string; item: string }[])
        learn(session, item);
      response.end("{}");
    });
    return;
  }
  const session = url.searchParams.get("session") ?? "";
  const prefix = clicks.get(session) ?? [];
  const items = model.predict(session, prefix, 21, Date.now()).filter((item) => item !== prefix.at(-1));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ items: items.slice(0, 20).map((id) => ({ id })) }));
});

function learn(session: string, item: string): void {
  model.learn({ session, item, kind: "view", atMs: Date.now(), split: "" });
  const own = clicks.get(session) ?? [];
  own.push(item);
  if (own.length > RECENT_MAX) own.shift();
  clicks.set(session, own);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

process.once("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

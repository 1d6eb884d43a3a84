import { createServer, type Server } from "node:http";

export interface Shop {
  origin: string;
  close(): void;
}

/** A storefront on an origin of its own; `page` draws the HTML of an address, undefined for none. */
export async function openShop(port: number, page: (url: URL) => string | undefined): Promise<Shop> {
  const server: Server = createServer((request, response) => {
    const html = page(new URL(request.url ?? "/", "http://shop"));
    response.writeHead(html === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
    response.end(html);
  });
  await new Promise<void>((done, fail) => server.once("error", fail).listen(port, "127.0.0.1", () => done()));
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A page with the script tag of the collector at `collector`. */
export function taggedPage(collector: string, content = "", head = ""): string {
  return `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">${head}
<script async src="${collector}/t.js" data-key="wk_test"></script>${content}`;
}

import { createServer, type Server } from "node:http";

/** A storefront of static pages, each by its path. */
export async function openShop(
  port: number,
  pages: Record<string, string>,
): Promise<{ origin: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://shop");
    const html = pages[pathname];
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

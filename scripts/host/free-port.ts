import { createServer } from "node:net";
import { Trouble } from "./trouble.ts";

export const LOOPBACK = "127.0.0.1";

/** A port of the loopback interface that nobody used a moment ago. */
export function freePort(): Promise<number> {
  return tryPort(0);
}

/** A program that was killed holds its port until its last thread has ended. */
const PATIENCE_MS = 1_500;
const POLL_MS = 50;

/** Throws Trouble unless the port can be listened on. */
export async function requireFreePort(port: number, patienceMs: number = PATIENCE_MS): Promise<void> {
  try {
    await tryPort(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE" && patienceMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      return requireFreePort(port, patienceMs - POLL_MS);
    }
    if (code === "EADDRINUSE") {
      throw new Trouble(
        `Port ${port} is already used by another program.`,
        `Take another one:   PORT=${port === 65_535 ? 8788 : port + 1} npm start`,
        `See who uses it:    lsof -i :${port}   (or: ss -ltnp 'sport = :${port}')`,
      );
    }
    if (code === "EACCES") {
      throw new Trouble(
        `Port ${port} needs special rights on this machine.`,
        "Take one above 1023: PORT=8787",
      );
    }
    throw error;
  }
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address
          ? resolve(address.port)
          : reject(new Error(`a TCP server without a port: ${String(address)}`)),
      );
    });
  });
}

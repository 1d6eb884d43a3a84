import { connect, createServer, type Server, type Socket } from "node:net";
import { LOOPBACK } from "../host/free-port.ts";
import type { Random } from "../shopper/chance.ts";

/** What a network can do to a request; one of them for each that is chosen. */
export const TCP_FAULTS = [
  "connection dropped at once",
  "request cut in the middle",
  "reset after the request",
  "reset before the reply",
  "reply cut in the middle",
  "reply stalled",
  "half closed after the request",
  "request repeated later",
] as const;
export type TcpFault = (typeof TCP_FAULTS)[number];

/** Longer than a client waits, in place of the 30 s of a real stall. */
const STALL_MS = 2_500;
/** A repeated request comes when its first delivery is over, as from a proxy that retries. */
const REPEAT_AFTER_MS = 50;

/** A listener in front of the system whose connections go wrong, as often as `share` says. */
export class TcpProxy implements AsyncDisposable {
  readonly met = new Map<TcpFault, number>(TCP_FAULTS.map((fault) => [fault, 0]));
  /** Requests, 0 to 1, that meet a fault. */
  share = 0;
  /** The faults to come first, before they are drawn. */
  readonly wanted: TcpFault[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #upstreamPort: number;
  readonly #random: Random;

  private constructor(upstreamPort: number, random: Random) {
    this.#upstreamPort = upstreamPort;
    this.#random = random;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client));
  }

  static async listen(port: number, upstreamPort: number, random: Random): Promise<TcpProxy> {
    const proxy = new TcpProxy(upstreamPort, random);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(port, LOOPBACK, resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the proxy does not listen");
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #draw(): TcpFault | undefined {
    const fault =
      this.wanted.shift() ??
      (this.#random() < this.share ? TCP_FAULTS[Math.floor(this.#random() * TCP_FAULTS.length)] : undefined);
    if (fault) this.met.set(fault, (this.met.get(fault) ?? 0) + 1);
    return fault;
  }

  /**
   * Passes bytes on. Senders do not pipeline, so a request begins with the first bytes after a reply, and each
   * request draws its own fault.
   */
  #serve(client: Socket): void {
    const upstream = this.#dial();
    this.#keep(client);
    let isRequest = false;
    let fault: TcpFault | undefined;
    let request: Buffer[] = [];
    const end = (): void => {
      client.resetAndDestroy();
      upstream.destroy();
    };

    client.on("data", (bytes: Buffer) => {
      if (!isRequest) {
        isRequest = true;
        request = [];
        fault = this.#draw();
        if (fault === "connection dropped at once") return end();
        if (fault === "request cut in the middle") {
          upstream.end(bytes.subarray(0, bytes.length / 2));
          client.resetAndDestroy();
          return;
        }
      }
      request.push(bytes);
      upstream.write(bytes, () => {
        // On its way, and perhaps arrived: the sender will not know.
        if (fault === "reset after the request") client.resetAndDestroy();
      });
      if (fault === "half closed after the request") upstream.end();
    });
    upstream.on("data", (bytes: Buffer) => {
      const isFirst = isRequest;
      isRequest = false;
      if (isFirst && fault === "reset before the reply") return end();
      if (isFirst && fault === "reply cut in the middle") {
        client.end(bytes.subarray(0, bytes.length / 2));
        upstream.destroy();
        return;
      }
      if (fault === "reply stalled") {
        setTimeout(() => client.writable && client.write(bytes), STALL_MS);
        return;
      }
      client.write(bytes);
      if (isFirst && fault === "request repeated later") {
        const whole = Buffer.concat(request);
        setTimeout(() => this.#repeat(whole), REPEAT_AFTER_MS);
      }
    });
    client.on("end", () => upstream.end());
    upstream.on("end", () => client.end());
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      // After "reset after the request" the request itself goes on.
      one.on("close", () => fault !== "reset after the request" && other.destroy());
    }
  }

  /** Sends the bytes of a request once more; nobody waits for what it is answered. */
  #repeat(request: Buffer): void {
    const socket = this.#dial();
    socket.on("error", () => {});
    socket.on("data", () => socket.end());
    socket.write(request);
  }

  #dial(): Socket {
    return this.#keep(connect({ port: this.#upstreamPort, host: LOOPBACK }));
  }

  #keep(socket: Socket): Socket {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

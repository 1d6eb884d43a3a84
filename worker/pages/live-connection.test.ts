import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveMessage } from "../../collector/event/live.ts";
import type { Answer, Api } from "./api.ts";
import {
  type Connection,
  LiveConnection,
  PING_INTERVAL_MS,
  POLL_INTERVAL_MS,
  SILENCE_MAX_MS,
  SOCKET_FAILURES_MAX,
} from "./live-connection.ts";
import { RETRY_DELAY_MAX_MS, retryDelayMs } from "./retry.ts";

const state: LiveMessage = {
  type: "state",
  site: "demo",
  atMs: 0,
  visitorsNow: 3,
  today: { pv: 1, uv: 1, sessions: 1, events: 1, orders: 0, gmv: [] },
  minutes: [],
  top: [],
  funnel: [],
  newest: [],
  freshnessMs: 0,
  quarantinedToday: 0,
};

/** The longest of the delays before the page polls. */
const LAST_DELAY_MS = retryDelayMs(SOCKET_FAILURES_MAX - 1, null, 1);

/** Opens, says and closes when a test says so, and remembers what it was sent. */
class ScriptedSocket extends EventTarget {
  readyState: number = WebSocket.CONNECTING;
  readonly sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  open(): void {
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }
  say(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
  close(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new Event("close"));
  }
}

function bench(ticket: () => Answer<string> = () => ({ outcome: "ok", value: "t" })) {
  const seen = {
    sockets: [] as ScriptedSocket[],
    connections: [] as Connection[],
    messages: 0,
    tickets: 0,
    reports: 0,
    visitors: 2,
  };
  const head = {
    site: "demo",
    generatedAt: "2026-11-21T12:00:10.000Z",
    freshUntil: "2026-11-21T12:00:00.000Z",
  };
  const api: Pick<Api, "ticket" | "report"> = {
    ticket: async () => {
      seen.tickets++;
      return ticket();
    },
    report: async (name) => {
      seen.reports++;
      const body = {
        report: name,
        ...head,
        totals: { uv: seen.visitors, pv: 4, quarantined: 0 },
        items: [],
        steps: [],
      };
      return { outcome: "ok", value: body as never };
    },
  };
  const connection = new LiveConnection({
    api,
    openSocket: () => {
      const socket = new ScriptedSocket();
      seen.sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    onMessage: () => seen.messages++,
    onConnection: (next) => seen.connections.push(next),
    nowMs: () => Date.now(),
    random: () => 1,
  });
  return { seen, connection, phase: () => seen.connections.at(-1)?.phase };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the live connection", () => {
  test("is live once a state has come, not when the socket opens", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    expect(phase()).toBe("connecting");
    seen.sockets[0]?.say(JSON.stringify(state));
    expect(phase()).toBe("live");
    expect(seen.messages).toBe(1);
  });

  test("comes back after a loss, with a new ticket", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    seen.sockets[0]?.say(JSON.stringify(state));
    seen.sockets[0]?.close();
    expect(phase()).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(500);
    expect(seen.tickets).toBe(2);
    seen.sockets[1]?.open();
    seen.sockets[1]?.say(JSON.stringify(state));
    expect(phase()).toBe("live");
  });

  test("a server that accepts and closes is asked less and less often, then polled", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    for (let attempt = 0; attempt <= SOCKET_FAILURES_MAX; attempt++) {
      await vi.advanceTimersByTimeAsync(LAST_DELAY_MS);
      seen.sockets[attempt]?.open();
      seen.sockets[attempt]?.close();
    }
    await settle();
    expect(phase()).toBe("polling");
    expect(seen.messages).toBe(1);
    await vi.advanceTimersByTimeAsync(POLL_INTERVAL_MS);
    expect(seen.messages).toBe(2);
  });

  test("polling tries a socket again now and then", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    for (let attempt = 0; attempt <= SOCKET_FAILURES_MAX; attempt++) {
      await vi.advanceTimersByTimeAsync(LAST_DELAY_MS);
      seen.sockets[attempt]?.close();
    }
    const sockets = seen.sockets.length;
    await vi.advanceTimersByTimeAsync(POLL_INTERVAL_MS * 12);
    expect(seen.sockets.length).toBe(sockets + 1);
    seen.sockets.at(-1)?.open();
    seen.sockets.at(-1)?.say(JSON.stringify(state));
    expect(phase()).toBe("live");
  });

  test("text that is no state ends the socket instead of the page", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    seen.sockets[0]?.say('{"type":"state","top":"<b>"}');
    expect(phase()).toBe("reconnecting");
    expect(seen.messages).toBe(0);
  });

  test("a refused key stops everything", async () => {
    const { seen, connection, phase } = bench(() => ({
      outcome: "refused",
      status: 401,
      code: "key_unknown",
    }));
    connection.start();
    await vi.advanceTimersByTimeAsync(10 * RETRY_DELAY_MAX_MS);
    expect(phase()).toBe("refused");
    expect(seen.tickets).toBe(1);
  });

  test("a hidden tab holds no socket and no timer, and starts again when seen", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    connection.pause();
    expect(seen.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
    expect(vi.getTimerCount()).toBe(0);
    expect(phase()).toBe("paused");
    connection.start();
    await settle();
    expect(seen.sockets).toHaveLength(2);
  });

  test("a ticket that arrives after the pause opens nothing", async () => {
    const { seen, connection } = bench();
    connection.start();
    connection.pause();
    await settle();
    expect(seen.sockets).toHaveLength(0);
  });

  test("silence ends a socket that used to answer pings", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    seen.sockets[0]?.say(JSON.stringify(state));
    await vi.advanceTimersByTimeAsync(PING_INTERVAL_MS);
    expect(seen.sockets[0]?.sent).toEqual(["ping"]);
    seen.sockets[0]?.say("pong");
    await vi.advanceTimersByTimeAsync(SILENCE_MAX_MS + PING_INTERVAL_MS);
    expect(phase()).not.toBe("live");
    expect(seen.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
  });

  test("a quiet shop whose server knows no ping stays live", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    seen.sockets[0]?.say(JSON.stringify(state));
    await vi.advanceTimersByTimeAsync(10 * SILENCE_MAX_MS);
    expect(phase()).toBe("live");
  });

  test("a shop that falls quiet is asked for, until nobody is left in it", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await settle();
    seen.sockets[0]?.open();
    seen.sockets[0]?.say(JSON.stringify(state));
    seen.visitors = 1;
    await vi.advanceTimersByTimeAsync(PING_INTERVAL_MS);
    expect(seen.messages).toBe(2);
    seen.visitors = 0;
    await vi.advanceTimersByTimeAsync(10 * PING_INTERVAL_MS);
    expect(seen.messages).toBe(3);
    expect(phase()).toBe("live");
    expect(seen.sockets).toHaveLength(1);
  });

  test("a handshake that hangs is given up", async () => {
    const { seen, connection, phase } = bench();
    connection.start();
    await vi.advanceTimersByTimeAsync(PING_INTERVAL_MS);
    expect(seen.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
    expect(phase()).toBe("reconnecting");
  });
});

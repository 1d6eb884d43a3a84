import { env } from "cloudflare:workers";
import { createApp } from "../app.ts";
import type { Env } from "../env.ts";

const app = createApp();

/** The Worker as a stranger meets it, with the bindings of the test run and those given here. */
export function send(path: string, init: RequestInit = {}, bindings: Partial<Env> = {}): Promise<Response> {
  return Promise.resolve(
    app.request(`http://127.0.0.1:8787${path}`, init, { ...(env as unknown as Env), ...bindings }),
  );
}

export interface BatchOverrides {
  [field: string]: unknown;
}

let streams = 0;

/** A batch of the demo site with a session and stream of its own. */
export function batchOf(events: unknown[], overrides: BatchOverrides = {}): string {
  streams++;
  const id = `t-${streams}-${Date.now()}`;
  return JSON.stringify({
    key: "wk_demo",
    session: `s-${id}`,
    stream: `st-${id}`,
    seq: 0,
    events,
    ...overrides,
  });
}

export function post(body: BodyInit, init: RequestInit = {}, query = ""): Promise<Response> {
  return send(`/v1/batches${query}`, { method: "POST", body, ...init });
}

export function event(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name: "page_view", occurredAtMs: Date.now(), ...fields };
}

/** Status and code of a problem; fails when it is not one. */
export async function problemOf(answer: Response): Promise<[status: number, code: string]> {
  const type = answer.headers.get("content-type");
  if (type !== "application/problem+json")
    throw new Error(`${answer.status} ${type}: ${await answer.text()}`);
  const problem = (await answer.json()) as { type: string; status: number };
  if (problem.status !== answer.status)
    throw new Error(`status ${problem.status} in the body of ${answer.status}`);
  return [answer.status, problem.type.replace("https://tidemark.dev/problems/", "")];
}

export function bearer(key: string): RequestInit {
  return { headers: { authorization: `Bearer ${key}` } };
}

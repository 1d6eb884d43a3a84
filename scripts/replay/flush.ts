export type Flush = { outcome: "flushed"; parts: number; rows: number } | { outcome: "failed"; why: string };

const TIMEOUT_MS = 120_000;

/** Asks the system to write all that it has acknowledged into the lake now. Never throws. */
export async function flushLake(origin: string, adminKey: string): Promise<Flush> {
  try {
    const response = await fetch(`${origin}/v1/lake/flush`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminKey}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return { outcome: "failed", why: `status ${response.status}` };
    const answer = (await response.json()) as { parts?: number; rows?: number };
    return { outcome: "flushed", parts: answer.parts ?? 0, rows: answer.rows ?? 0 };
  } catch (error) {
    return { outcome: "failed", why: (error as Error).message };
  }
}

import { readFileSync } from "node:fs";

/** USER_HZ: clock ticks of /proc in a second, the same on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** CPU seconds that a process has used, user and system; undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  // The name stands in parentheses and may hold spaces, so fields are counted from behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Memory of a process that is in RAM, MB; undefined where there is no /proc. */
export function residentMb(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
}

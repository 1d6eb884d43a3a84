/** Keys of the log: `tm:<stream>:<seq>`. */
export const LOG_PREFIX = "tm:";
/** Present while the visitor does not want to be measured. */
export const OFF_KEY = "tm.off";
/** Present while IndexedDB holds a part of the log. */
export const OUTBOX_KEY = "tm.outbox";

/** Strings by key: the page's localStorage, and memory for what it does not take. */
export interface Store {
  keys(): string[];
  get(key: string): string | undefined;
  put(key: string, value: string): void;
  remove(key: string): void;
  /** What localStorage refused; the outbox moves it to IndexedDB. */
  memory: Record<string, string>;
}

/**
 * @param disk - `localStorage` where the page may use it, else any object
 * @param onFull - called when the disk refused a value, which then stays in memory
 */
export function createStore(disk: Record<string, string>, onFull: () => void): Store {
  const memory: Record<string, string> = {};
  return {
    memory,
    keys: () => [...new Set([...Object.keys(disk), ...Object.keys(memory)])],
    get: (key) => memory[key] ?? disk[key],
    put: (key, value) => {
      try {
        disk[key] = value;
        delete memory[key];
      } catch {
        memory[key] = value;
        onFull();
      }
    },
    remove: (key) => {
      delete memory[key];
      delete disk[key];
    },
  };
}

/** localStorage, or an object that lives as long as the page where storage is blocked. */
export function pageDisk(): Record<string, string> {
  try {
    return localStorage || {};
  } catch {
    return {};
  }
}

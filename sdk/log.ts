import { BATCH_EVENTS_MAX } from "../collector/event/limits.ts";
import { LOG_PREFIX, type Store } from "./store.ts";

/**
 * The write-ahead log: events are in the store before anything is sent, in small segments.
 * Key `tm:<stream>:<seq of its first event>`; value: the head as one line of JSON, then a line for each event.
 * A segment is rewritten while it is open and never again once it is sealed, so it can be sent and cut whole.
 */
export interface Log {
  /** Seals the open segment; what follows carries this head. Another stream starts at `seq` 0. */
  open(stream: string, head: object): void;
  /** Writes events, in one store operation if they fit one segment; returns how many characters were added. */
  append(events: object[]): number;
  seal(): void;
  /** Streams that have something waiting, with the segments of each in the order of `seq`. */
  waiting(): Map<string, string[]>;
  /** Contiguous runs with one head, as large as a request may be. */
  batches(keys: string[], charsMax: number): Batch[];
  /** Removes segments that did not change since they were read. */
  cut(batch: Batch): void;
}

export interface Batch {
  head: string;
  seq: number;
  lines: string[];
  segments: [key: string, text: string][];
}

/** Small, so that one event costs one small write, whatever waits. */
export const SEGMENT_CHARS_MAX = 6000;

export function createLog(store: Store, onDrop: (reason: string, count: number) => void): Log {
  let stream: string;
  let head: string;
  let key: string;
  let text = "";
  let seq: number;

  return {
    open: (nextStream, nextHead) => {
      if (stream !== nextStream) {
        stream = nextStream;
        seq = 0;
      }
      text = "";
      head = JSON.stringify(nextHead);
    },

    append: (events) => {
      let chars = 0;
      for (const event of events) {
        let line: string;
        try {
          line = JSON.stringify(event);
        } catch {
          onDrop("unserializable", 1);
          continue;
        }
        if (!text) {
          key = LOG_PREFIX + stream + ":" + seq;
          text = head;
        }
        text += "\n" + line;
        chars += line.length;
        seq++;
        if (text.length > SEGMENT_CHARS_MAX) {
          store.put(key, text);
          text = "";
        }
      }
      if (text) store.put(key, text);
      return chars;
    },

    seal: () => {
      text = "";
    },

    waiting: () => {
      const streams = new Map<string, string[]>();
      for (const name of store.keys()) {
        if (name.startsWith(LOG_PREFIX)) {
          const of = name.split(":")[1] as string;
          streams.set(of, [...(streams.get(of) ?? []), name]);
        }
      }
      return streams;
    },

    batches: (keys, charsMax) => {
      const list: Batch[] = [];
      let last: Batch | undefined;
      let chars = 0;
      for (const name of keys.sort((a, b) => firstSeq(a) - firstSeq(b))) {
        const content = store.get(name);
        if (!content) continue;
        const [of, ...lines] = content.split("\n") as [string, ...string[]];
        chars += content.length;
        if (
          last?.head !== of ||
          last.seq + last.lines.length !== firstSeq(name) ||
          last.lines.length + lines.length > BATCH_EVENTS_MAX ||
          chars > charsMax
        ) {
          list.push((last = { head: of, seq: firstSeq(name), lines: [], segments: [] }));
          chars = content.length;
        }
        last.lines.push(...lines);
        last.segments.push([name, content]);
      }
      return list;
    },

    cut: (batch) => {
      for (const [name, content] of batch.segments) if (store.get(name) === content) store.remove(name);
    },
  };
}

function firstSeq(key: string): number {
  return +(key.split(":")[2] as string);
}

import { packCopy, unpackCopy } from "../../collector/shard/copy-stream.ts";
import type { ModelCopy } from "../../collector/shard/feed.ts";

/** As a stream, which may be as long as it likes, where the value of a call may not. */
export function streamCopy(copy: ModelCopy): ReadableStream<Uint8Array> {
  const pieces = packCopy(copy);
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { value, done } = pieces.next();
      if (value) controller.enqueue(value);
      if (!done) return;
      controller.close();
      // A reader that brought its own room waits until it gets that back.
      controller.byobRequest?.respond(0);
    },
  });
}

/** Takes what `streamCopy` gave; an object of an earlier version gives it as a value. */
export function readCopy(answer: ReadableStream<Uint8Array> | ModelCopy): Promise<ModelCopy> {
  return answer instanceof ReadableStream ? unpackCopy(answer) : Promise.resolve(answer);
}

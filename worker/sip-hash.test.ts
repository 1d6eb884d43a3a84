import { describe, expect, it } from "vitest";
import { SipHash } from "./sip-hash.ts";

const counting = (length: number) => Uint8Array.from({ length }, (_, at) => at);

describe("SipHash-2-4", () => {
  // The first, one of a whole word, and that of the paper's appendix.
  it.each([
    [0, "726fdb47dd0e0e31"],
    [1, "74f839c593dc67fd"],
    [8, "93f5f5799a932462"],
    [15, "a129ca6149be45e5"],
  ])("of %i bytes is that of the reference", (length, hash) => {
    expect(new SipHash(counting(16)).ofBytes(counting(length))).toBe(hash);
  });

  it.each(["", "192.0.2.1", "2001:db8:1:2", "x".repeat(65), "höflich"])(
    "of the text %j is that of its bytes",
    (text) => {
      const hash = new SipHash(counting(16));
      expect(hash.of(text)).toBe(hash.ofBytes(new TextEncoder().encode(text)));
    },
  );

  it("is another one under another key", () => {
    expect(new SipHash(counting(16)).of("192.0.2.1")).not.toBe(
      new SipHash(counting(17).slice(1)).of("192.0.2.1"),
    );
  });
});

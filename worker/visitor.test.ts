import { describe, expect, it } from "vitest";
import { derivedVisitor, deviceOf, networkOf, pseudonymOf } from "./visitor.ts";

const DAY_MS = 24 * 3600 * 1000;
const NOW_MS = 20_000 * DAY_MS + 5;

function visitor(headers: Record<string, string>, nowMs = NOW_MS, secret = "s", site = "shop"): string {
  return derivedVisitor(secret, site, new Request("https://x.example/", { headers }), nowMs);
}

describe("a visitor without any id in the page", () => {
  const here = { "cf-connecting-ip": "203.0.113.7", "user-agent": "A" };

  it("stays the same for a day, in a network, with a browser", () => {
    expect(visitor({ ...here, "cf-connecting-ip": "203.0.113.99" }, NOW_MS + DAY_MS - 10)).toBe(
      visitor(here),
    );
  });

  it("is another one on another day, network, browser, site, or under another secret", () => {
    const others = [
      visitor(here),
      visitor(here, NOW_MS + DAY_MS),
      visitor({ ...here, "cf-connecting-ip": "203.0.114.7" }),
      visitor({ ...here, "user-agent": "B" }),
      visitor(here, NOW_MS, "t"),
      visitor(here, NOW_MS, "s", "other"),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it("tells nothing of the address", () => {
    expect(visitor(here)).toMatch(/^d\.[\w-]{16}$/);
  });
});

describe("the network of an address", () => {
  it.each([
    ["203.0.113.7", "203.0.113"],
    ["::ffff:203.0.113.7", "203.0.113"],
    ["2001:db8:85a3::8a2e:370:7334", "2001:db8:85a3"],
    ["2001:0DB8:85a3:0000:0000:8a2e:0370:7334", "2001:db8:85a3"],
    ["2001:db8::1", "2001:db8:0"],
    ["fe80::", "fe80:0:0"],
    ["::1", "0:0:0"],
    ["", ""],
  ])("%s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe("the device", () => {
  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "desktop"],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15",
      "desktop",
    ],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "mobile"],
    [
      "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
      "mobile",
    ],
    ["Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "tablet"],
    ["Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15", "tablet"],
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"],
    ["curl/8.9", "bot"],
    ["", "other"],
    [undefined, "other"],
  ])("%s is %s", (agent, device) => {
    expect(deviceOf(agent)).toBe(device);
  });
});

describe("a pseudonym", () => {
  it("is the same for the same id, and only with the same secret", () => {
    expect(pseudonymOf("s", "shop")("jane@shop.example")).toBe(pseudonymOf("s", "shop")("jane@shop.example"));
    expect(pseudonymOf("t", "shop")("jane@shop.example")).not.toBe(
      pseudonymOf("s", "shop")("jane@shop.example"),
    );
  });
});

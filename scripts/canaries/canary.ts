import { pick, whole } from "../fuzz/input.ts";
import type { Random } from "../shopper/chance.ts";

export const CANARY_KINDS = [
  "email",
  "card",
  "iban",
  "international phone",
  "national phone",
  "IPv4 address",
  "IPv6 address",
  "JWT",
  "bearer token",
  "basic credentials",
  "vendor key",
  "hexadecimal token",
  "password",
] as const;
export type CanaryKind = (typeof CANARY_KINDS)[number];

/** Something private that exists nowhere else, so that wherever it is found it has leaked. */
export interface Canary {
  kind: CanaryKind;
  /** As a person or a program would write it. */
  text: string;
  /** What must not be found anywhere: the part that only this one has, at least 8 characters each. */
  needles: string[];
}

export function makeCanary(random: Random, kind: CanaryKind): Canary {
  const make = MAKERS[kind];
  const [text, ...needles] = make(random);
  return { kind, text, needles };
}

type Made = [text: string, ...needles: string[]];

const MAKERS: Readonly<Record<CanaryKind, (random: Random) => Made>> = {
  email(random) {
    const name = letters(random, 12);
    const host = letters(random, 9);
    const text = pick(random, [
      `${name}@${host}.example`,
      `${name}.doe+news@mail.${host}.co.uk`,
      `${name.toUpperCase()}@${host}.COM`,
      `Jane <${name}@${host}.de>`,
      `${name}%40${host}.example`,
      `${name}_x@müller-${host}.de`,
    ]);
    return [text, name];
  },
  card(random) {
    const [prefix, length] = pick(random, ISSUERS);
    const digits = withLuhn(prefix + digitsOf(random, length - prefix.length - 1));
    const groups = length === 15 ? [4, 6, 5] : length === 19 ? [4, 4, 4, 4, 3] : [4, 4, 4, 4];
    const separator = pick(random, ["", " ", "-"]);
    return [grouped(digits, groups, separator), digits];
  },
  iban(random) {
    const [country, length] = pick(random, BANKS);
    const account = digitsOf(random, length - 4);
    const iban = `${country}${checkDigits(country, account)}${account}`;
    const text = pick(random, [iban, (iban.match(/.{1,4}/g) ?? []).join(" "), iban.toLowerCase()]);
    return [text, account];
  },
  "international phone"(random) {
    const rest = digitsOf(random, 8);
    const [a, b] = [rest.slice(0, 4), rest.slice(4)];
    const text = pick(random, [
      `+49 151 ${a}${b}`,
      `+49(0)151 ${a} ${b}`,
      `+43-664-${a}-${b}`,
      `+1 (415) ${a}-${b}`,
      `0049 151 ${a}${b}`,
      `+44.20.${a}.${b}`,
      `+4915${a}${b}`,
    ]);
    return [text, rest];
  },
  "national phone"(random) {
    const rest = digitsOf(random, 8);
    const [a, b, c, d] = rest.match(/../g) as [string, string, string, string];
    const text = pick(random, [
      `0151 ${rest}`,
      `06 ${a} ${b} ${c} ${d}`,
      `(0151) ${a}${b} ${c}${d}`,
      `0664/${rest}`,
      `(020) ${a}${b} ${c}${d}`,
      `tel. 040-${rest}`,
      `Telefon: ${rest}`,
      `phone no. ${a}${b}-${c}${d}`,
    ]);
    return [text, rest];
  },
  "IPv4 address"(random) {
    const parts = [
      whole(random, 11, 223),
      whole(random, 100, 255),
      whole(random, 100, 255),
      whole(random, 10, 254),
    ];
    const text = parts.join(".");
    return [pick(random, [text, `from ${text}:443`, `[${text}]`]), text];
  },
  "IPv6 address"(random) {
    const groups = Array.from({ length: 8 }, () => whole(random, 0x1000, 0xffff).toString(16));
    const [a, b] = groups as [string, string];
    const text = pick(random, [
      groups.join(":"),
      `2001:db8::${a}:${b}`,
      `fd${letters(random, 2, "0123456789abcdef")}:${a}::${b}`,
    ]);
    return [text, text.length > 30 ? groups.slice(4).join(":") : `${text}`.slice(0)];
  },
  JWT(random) {
    const payload = letters(random, 40, BASE64);
    return [`eyJhbGciOiJIUzI1NiJ9.eyJ${payload}.${letters(random, 43, BASE64)}`, payload];
  },
  "bearer token"(random) {
    const token = `${letters(random, 12, BASE64)}7${letters(random, 12, BASE64)}`;
    return [pick(random, [`Bearer ${token}`, `authorization: bearer ${token}`]), token];
  },
  "basic credentials"(random) {
    const token = Buffer.from(`${letters(random, 10)}:${letters(random, 9)}7A`).toString("base64");
    return [`Authorization: Basic ${token}`, token.replace(/=+$/, "")];
  },
  "vendor key"(random) {
    const token = letters(random, 24, WORDS);
    return [pick(random, ["sk_live_", "rk_test_", "ghp_", "xoxb-", "glpat-", "whsec_"]) + token, token];
  },
  "hexadecimal token"(random) {
    const token = `a1${letters(random, 38, "0123456789abcdef")}`;
    return [token, token];
  },
  password(random) {
    const secret = `${letters(random, 10)}!`;
    return [
      pick(random, [
        `password=${secret}`,
        `"password": "${secret}"`,
        `api_key = ${secret}`,
        `passwort: ${secret}`,
        `token=${secret}`,
      ]),
      secret,
    ];
  },
};

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const WORDS = `${LETTERS}ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`;
const BASE64 = `${WORDS}-_`;
const ISSUERS: readonly (readonly [prefix: string, length: number])[] = [
  ["4", 16],
  ["4", 19],
  ["51", 16],
  ["2221", 16],
  ["34", 15],
  ["37", 15],
  ["6011", 16],
  ["3528", 16],
  ["62", 16],
];
/** Countries whose accounts are digits alone. */
const BANKS: readonly (readonly [country: string, length: number])[] = [
  ["DE", 22],
  ["AT", 20],
  ["BE", 16],
  ["ES", 24],
  ["PL", 28],
  ["PT", 25],
  ["DK", 18],
];

function letters(random: Random, length: number, alphabet: string = LETTERS): string {
  return Array.from({ length }, () => alphabet[whole(random, 0, alphabet.length - 1)]).join("");
}

/** Digits that begin with none that means something, and are no date. */
function digitsOf(random: Random, length: number): string {
  return String(whole(random, 2, 9)) + letters(random, length - 1, "0123456789");
}

function grouped(digits: string, groups: number[], separator: string): string {
  let at = 0;
  return groups
    .map((length) => {
      at += length;
      return digits.slice(at - length, at);
    })
    .join(separator);
}

function withLuhn(digits: string): string {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits + String((10 - (sum % 10)) % 10);
}

function checkDigits(country: string, account: string): string {
  const numbers = [...`${account}${country}00`].map((one) => Number.parseInt(one, 36)).join("");
  return String(98n - (BigInt(numbers) % 97n)).padStart(2, "0");
}

import { isPrivateId } from "../../collector/ingest/privacy/mask-text.ts";
import { maskAny } from "../../collector/ingest/privacy/mask-url.ts";
import { pick, whole } from "../fuzz/input.ts";
import type { Random } from "../shopper/chance.ts";
import { seeded } from "../shopper/seeded.ts";
import { CANARY_KINDS, makeCanary } from "./canary.ts";

/** Sentences that private things stand in. */
const AROUND: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `see ${text} now`,
  (text) => `Größe 42, ${text}`,
  (text) => `(${text})`,
  (text) => `order 4711 / ${text} / 2 pcs`,
  (text) => `error: ${text}\nat line 3`,
];

type Make = (random: Random) => string;

/** Texts of a shop that must stay as they are. */
const PUBLIC_TEXTS: Readonly<Record<string, Make>> = {
  "product name": (random) =>
    `${pick(random, ["Trail", "Air", "Nordic"])} ${pick(random, ["Shoe", "Jacket", "Lamp"])} ${pick(random, ["GTX 42", "III", "2.0", "XL", "500 W"])} ${whole(random, 2, 999)}`,
  price: (random) => pick(random, [`€ 1.299,00`, `1,299.00 USD`, `from ${whole(random, 1, 9999)}.90 EUR`]),
  date: (random) =>
    pick(random, [
      `${day(random)}.${month(random)}.${whole(random, 1950, 2030)} 10:30`,
      `${whole(random, 2000, 2030)}-${month(random)}-${day(random)}T07:00:00.000Z`,
      `${day(random)}/${month(random)}/2026 to ${day(random)}/${month(random)}/2026`,
    ]),
  "time in ms": (random) => String(whole(random, 1_400_000_000_000, 1_900_000_000_000)),
  "size or dimension": (random) =>
    `${whole(random, 10, 300)} x ${whole(random, 10, 300)} x ${whole(random, 10, 2000)} mm, ${whole(random, 10, 64)}/${whole(random, 10, 64)}`,
  version: (random) =>
    `version ${whole(random, 1, 20)}.${whole(random, 0, 20)}.${whole(random, 0, 200)}.${whole(random, 0, 200)}`,
  "order number": (random) =>
    pick(random, [
      `#${whole(random, 1000, 9_999_999)}`,
      `ORD-2026-${digits(random, 6)}`,
      `${digits(random, 3)}-${digits(random, 7)}-${digits(random, 7)}`,
    ]),
  SKU: (random) =>
    pick(random, [
      `TS-${digits(random, 4)}-XL`,
      `SKU ${digits(random, 4)}-${digits(random, 6)}`,
      `ART.${digits(random, 8)}`,
      `A${digits(random, 5)}B${digits(random, 3)}`,
    ]),
  "EAN or GTIN": (random) => `EAN ${gtin(random, pick(random, [8, 12, 13, 14]))}`,
  UUID: (random) =>
    `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
  "search with numbers": (random) =>
    pick(random, [
      `iphone ${whole(random, 5, 17)} ${pick(random, ["128", "256"])} gb`,
      `lego ${digits(random, 5)}`,
      `samsung ${digits(random, 4)} ${digits(random, 2)} zoll`,
    ]),
  "address of a page": (random) =>
    `https://shop.example/c/${whole(random, 1, 999)}/trail-shoe-${digits(random, 7)}.html?page=${whole(random, 1, 30)}&sort=price_asc&utm_campaign=${digits(random, 6)}`,
};
const PUBLIC_IDS: Readonly<Record<string, Make>> = {
  "item id: number": (random) => digits(random, whole(random, 1, 12)),
  "item id: EAN or GTIN": (random) => gtin(random, pick(random, [8, 12, 13, 14])),
  "item id: 16 random digits": (random) => digits(random, 16),
  "item id: counter and time": (random) =>
    `${whole(random, 1, 99)}-${whole(random, 1_400_000_000_000, 1_900_000_000_000)}`,
  "item id: hexadecimal": (random) => hex(random, 32),
};
/** Private, but by nothing that can be seen in the text: no promise. */
const UNPROMISED: Readonly<Record<string, Make>> = {
  "phone without any form": (random) => `0151${digits(random, 8)}`,
  "phone with a hyphen only": (random) => `0151-${digits(random, 8)}`,
  "name of a person": (random) => pick(random, ["Jane Doe", "Erika Mustermann", "佐藤 花子"]),
  "postal address": (random) => `Hauptstr. ${whole(random, 1, 99)}, ${digits(random, 5)} Berlin`,
  "e-mail address in words": () => "jane at shop dot example",
  "card in full-width digits": (random) =>
    [...`4${digits(random, 15)}`].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join(""),
  "card in words of two digits": (random) => (`4${digits(random, 15)}`.match(/../g) ?? []).join(", "),
};

/** Precision and recall, one line for each kind. */
export function corpusLines(seed: number, count: number): string[] {
  const random = seeded(seed);
  const lines: string[] = ["recall: private texts of which nothing was left"];
  for (const kind of CANARY_KINDS) {
    const caught = times(count, () => {
      const { text, needles } = makeCanary(random, kind);
      const masked = maskAny(pick(random, AROUND)(text)).replace(/[\s.\-()/+_]/g, "");
      return !needles.some((needle) => masked.includes(needle.replace(/[\s.\-()/+_]/g, "")));
    });
    lines.push(row(kind, caught, count));
  }
  lines.push("precision: texts without anything private that stayed as they were");
  for (const [kind, make] of Object.entries(PUBLIC_TEXTS))
    lines.push(
      row(
        kind,
        times(count, () => isSame(pick(random, AROUND.slice(0, 2))(make(random)))),
        count,
      ),
    );
  for (const [kind, make] of Object.entries(PUBLIC_IDS))
    lines.push(
      row(
        kind,
        times(count, () => !isPrivateId(make(random))),
        count,
      ),
    );
  lines.push("not promised: private texts that changed");
  for (const [kind, make] of Object.entries(UNPROMISED))
    lines.push(
      row(
        kind,
        times(count, () => !isSame(make(random))),
        count,
      ),
    );
  return lines;
}

function isSame(text: string): boolean {
  return maskAny(text) === text;
}

function times(count: number, holds: () => boolean): number {
  let kept = 0;
  for (let run = 0; run < count; run++) if (holds()) kept++;
  return kept;
}

function row(kind: string, kept: number, count: number): string {
  return `  ${kind.padEnd(32)}${((kept / count) * 100).toFixed(1).padStart(6)} %  of ${count}`;
}

function digits(random: Random, length: number): string {
  return String(whole(random, 1, 9)) + Array.from({ length: length - 1 }, () => whole(random, 0, 9)).join("");
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => whole(random, 0, 15).toString(16)).join("");
}

function gtin(random: Random, length: number): string {
  const body = digits(random, length - 1);
  let sum = 0;
  for (let at = 0; at < body.length; at++) sum += Number(body[body.length - 1 - at]) * (at % 2 === 0 ? 3 : 1);
  return body + String((10 - (sum % 10)) % 10);
}

function day(random: Random): string {
  return String(whole(random, 1, 28)).padStart(2, "0");
}

function month(random: Random): string {
  return String(whole(random, 1, 12)).padStart(2, "0");
}

import type { Availability } from "../event/availability.ts";
import {
  type FactColumn,
  ITEMS_PER_PAGE,
  type LabelColumn,
  PAGE_TEXT_UNITS_MAX,
  readColumns,
  readLabels,
  writeColumns,
  writeLabels,
} from "./fact-columns.ts";
import {
  ITEM_NAME_LENGTH_MAX,
  type ItemFacts,
  LABEL_LENGTH_MAX,
  LINK_LENGTH_MAX,
  type ShownFacts,
  TAGS_MAX,
} from "./item-facts.ts";
import { LabelTable, NO_LABEL } from "./label-table.ts";
import { PackedTexts } from "./packed-texts.ts";
import type { PageReader, PageWriter, SlotRange } from "./page-bytes.ts";
import { PageStock } from "./page-stock.ts";
import { TitleSketch } from "./title-sketch.ts";

type Source = "events" | "catalog";
type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Between the fields of a packed text, and between the tags in one. */
const SEPARATOR = "\u001f";
const TAG_SEPARATOR = "\u001e";

/** Bits of `#flags`. */
const HIDDEN = 1;
const OUT_OF_STOCK = 2;
const IN_STOCK = 4;
/** Pages say that it is sold out; for how long that holds, `PageStock` knows. Follows from it, so it is not stored. */
const SAID_OUT = 8;
const NOT_SHOWN = HIDDEN | OUT_OF_STOCK;

/** What the catalogue can say, each with its bit in `#said`. A price and its currency are one word. */
const SAYABLE = [
  "name",
  "url",
  "image",
  "category",
  "brand",
  "priceMinor",
  "availability",
  "addedAtMs",
  "backInStockAtMs",
  "tags",
] as const;
type Sayable = (typeof SAYABLE)[number];

/**
 * What is known of each item, by slot. What events say gives way to what the catalogue says, field by field.
 *
 * Labels and numbers are columns, 37 B an item (45 with the words of its name), and always fit. Names and links are one text an item, all of them
 * within a bound; what is above it is refused and counted.
 */
export class FactTable {
  refused = 0;
  readonly labels: LabelTable = new LabelTable();
  readonly titles: TitleSketch = new TitleSketch();
  category: Uint16Array = new Uint16Array(0);
  brand: Uint16Array = new Uint16Array(0);
  /** TAGS_MAX for each item. */
  tags: Uint16Array = new Uint16Array(0);
  /** NaN where no price is known. */
  priceMinor: Float64Array = new Float64Array(0);
  /** Seconds since epoch, 0 for unknown. */
  addedAtS: Uint32Array = new Uint32Array(0);
  backInStockAtS: Uint32Array = new Uint32Array(0);
  /** When questions are asked: what pages say of stock holds for a while. */
  nowS = 0;
  readonly #pageStock = new PageStock();
  #currency = new Uint16Array(0);
  #flags = new Uint8Array(0);
  #said = new Uint16Array(0);
  /** Name, url and image. */
  readonly #texts = new PackedTexts();
  readonly #textUnitsMax: number;
  #textUnits = 0;
  /** The same by page of items. */
  readonly #pageUnits: number[] = [];
  /** Whether the call that is under way has changed anything. */
  #isChanged = false;

  constructor(textUnitsMax: number) {
    this.#textUnitsMax = textUnitsMax;
  }

  /** Whether a list may show the item: it is neither hidden nor out of stock, as far as is known. */
  isShown(slot: number): boolean {
    const flags = this.#flags[slot] as number;
    return (flags & NOT_SHOWN) === 0 && ((flags & SAID_OUT) === 0 || !this.#isSaidOut(slot));
  }

  availabilityOf(slot: number): Availability | undefined {
    const flags = this.#flags[slot] as number;
    if (flags & OUT_OF_STOCK || (flags & SAID_OUT && this.#isSaidOut(slot))) return "out_of_stock";
    return flags & IN_STOCK ? "in_stock" : undefined;
  }

  currencyOf(slot: number): string | undefined {
    return this.labels.text(this.#currency[slot] as number);
  }

  of(slot: number): ItemFacts {
    const [name, url, image] = this.#textsOf(slot);
    const price = this.priceMinor[slot] as number;
    const flags = this.#flags[slot] as number;
    const addedAtS = this.addedAtS[slot] as number;
    const backAtS = this.backInStockAtS[slot] as number;
    const tags = this.#tagsOf(slot);
    return {
      ...(name ? { name } : {}),
      ...(url ? { url } : {}),
      ...(image ? { image } : {}),
      ...this.#labelOf("category", this.category[slot]),
      ...this.#labelOf("brand", this.brand[slot]),
      ...(Number.isNaN(price) ? {} : { priceMinor: price }),
      ...this.#labelOf("currency", this.#currency[slot]),
      ...(flags & OUT_OF_STOCK ? { availability: "out_of_stock" } : {}),
      ...(flags & IN_STOCK ? { availability: "in_stock" } : {}),
      ...(flags & HIDDEN ? { isHidden: true } : {}),
      ...(addedAtS ? { addedAtMs: addedAtS * 1000 } : {}),
      ...(backAtS ? { backInStockAtMs: backAtS * 1000 } : {}),
      ...(tags.length > 0 ? { tags } : {}),
    };
  }

  /** Adds to an answer what it shows, only what is known: many times for each request, so by hand. */
  show<Answer extends ShownFacts>(slot: number, facts: Answer): Answer {
    if (this.#texts.length(slot) > 0) {
      const [name, url, image] = this.#textsOf(slot);
      if (name) facts.name = name;
      if (url) facts.url = url;
      if (image) facts.image = image;
    }
    const price = this.priceMinor[slot] as number;
    if (Number.isNaN(price)) return facts;
    facts.priceMinor = price;
    const currency = this.labels.text(this.#currency[slot] as number);
    if (currency !== undefined) facts.currency = currency;
    return facts;
  }

  /** Takes what an event says, where the catalogue has said nothing. Returns whether anything changed. */
  describe(slot: number, facts: ItemFacts): boolean {
    this.#isChanged = false;
    this.#put(slot, facts, "events");
    return this.#isChanged;
  }

  /**
   * Takes the catalogue's word on an item in the place of its former one; without facts it has none any more.
   * Returns whether anything changed.
   */
  say(slot: number, facts: ItemFacts | undefined): boolean {
    this.#isChanged = false;
    let said = 0;
    for (const [at, field] of SAYABLE.entries()) {
      if (facts?.[field] !== undefined) said |= 1 << at;
      else if (this.#isSaid(slot, field)) this.#forget(slot, field);
    }
    this.#set(this.#said, slot, said);
    this.#flag(slot, HIDDEN, facts?.isHidden === true);
    this.#put(slot, facts ?? {}, "catalog");
    return this.#isChanged;
  }

  /**
   * Takes what a page says of an item's stock; the catalogue's word wins. Returns whether anything changed that is stored.
   *
   * @param known - items that the shop has, as far as is known
   */
  hearPage(slot: number, said: Availability, session: number, atS: number, known: number): boolean {
    if (this.#isSaid(slot, "availability")) return false;
    this.#isChanged = false;
    const wasOut = this.#pageStock.isOut(slot, atS);
    for (const [changed, isOut] of this.#pageStock.hear(slot, said, session, atS, known)) {
      const flags = this.#flags[changed] as number;
      this.#flags[changed] = isOut ? flags | SAID_OUT : flags & ~SAID_OUT;
    }
    if (said === "in_stock") this.#flag(slot, IN_STOCK, true);
    if (wasOut && said === "in_stock" && !this.#isSaid(slot, "backInStockAtMs"))
      this.#set(this.backInStockAtS, slot, atS);
    return this.#isChanged;
  }

  /** Whether a page said that it is sold out, and none since that it is not. */
  isCalledOut(slot: number): boolean {
    return this.#pageStock.has(slot);
  }

  writePageStock(writer: PageWriter): void {
    this.#pageStock.write(writer);
  }

  readPageStock(reader: PageReader): void {
    this.#pageStock.read(reader);
  }

  renameSession(from: number, to: number): void {
    this.#pageStock.rename(from, to);
  }

  /** Takes the address away when it is this one. Returns whether it was. */
  forgetUrl(slot: number, url: string): boolean {
    const texts = this.#textsOf(slot);
    // What the shop itself says is nobody's page view.
    if (texts[1] === "" || texts[1] !== linkText(url) || this.#isSaid(slot, "url")) return false;
    texts[1] = "";
    this.#putTexts(slot, texts);
    return true;
  }

  /** Makes an item of which nothing is known. */
  clear(slot: number): void {
    for (const field of SAYABLE) this.#forget(slot, field);
    this.#flags[slot] = 0;
    this.#said[slot] = 0;
    this.#pageStock.forget(slot);
  }

  /** Writes what is known of some items for a page. */
  write(writer: PageWriter, from: number, to: number): void {
    this.#texts.write(writer, from, to);
    writeColumns(writer, this.#columns(), from, to);
    writeLabels(writer, this.labels, this.#labelColumns(), from, to);
  }

  /** Takes back what `write` wrote, into cleared slots. */
  read(reader: PageReader, range: SlotRange): void {
    const { from, kept } = range;
    this.#texts.read(reader, range);
    readColumns(reader, this.#columns(), range);
    readLabels(reader, this.labels, this.#labelColumns(), range);
    for (let slot = from; slot < from + kept; slot++) {
      // What pages call sold out is stored elsewhere, and newer.
      const flags = (this.#flags[slot] as number) & ~SAID_OUT;
      this.#flags[slot] = this.#pageStock.mayBeOut(slot) ? flags | SAID_OUT : flags;
      this.#countText(slot);
    }
  }

  /** Takes back what an earlier version wrote of one item, into a cleared slot. */
  readText(slot: number, text: string): void {
    if (this.#pageStock.mayBeOut(slot)) this.#flags[slot] = SAID_OUT;
    if (text === "") return;
    const [name = "", url = "", image = "", category, price, currency, ...rest] = text.split(SEPARATOR);
    const [brand, tags, flags, addedAtS, backAtS, said] = rest;
    this.#putTexts(slot, [name, url, image]);
    // Clean since they were written; and an item that is there has room for its labels, whoever named them.
    this.category[slot] = this.labels.take(category, "catalog");
    this.brand[slot] = this.labels.take(brand, "catalog");
    this.#currency[slot] = this.labels.take(currency, "catalog");
    for (const [at, tag] of (tags ? tags.split(TAG_SEPARATOR) : []).entries())
      this.tags[slot * TAGS_MAX + at] = this.labels.take(tag, "catalog");
    if (price) this.priceMinor[slot] = Number(price);
    this.#flags[slot] = (this.#flags[slot] as number) | textNumber(flags);
    this.addedAtS[slot] = textNumber(addedAtS);
    this.backInStockAtS[slot] = textNumber(backAtS);
    this.#said[slot] = textNumber(said);
  }

  resize(capacity: number): void {
    const grown = <T extends Column>(fresh: T, old: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.titles.resize(capacity);
    this.#texts.resize(capacity);
    this.category = grown(new Uint16Array(capacity), this.category);
    this.brand = grown(new Uint16Array(capacity), this.brand);
    this.tags = grown(new Uint16Array(capacity * TAGS_MAX), this.tags);
    this.priceMinor = grown(new Float64Array(capacity).fill(Number.NaN), this.priceMinor);
    this.addedAtS = grown(new Uint32Array(capacity), this.addedAtS);
    this.backInStockAtS = grown(new Uint32Array(capacity), this.backInStockAtS);
    this.#currency = grown(new Uint16Array(capacity), this.#currency);
    this.#flags = grown(new Uint8Array(capacity), this.#flags);
    this.#said = grown(new Uint16Array(capacity), this.#said);
  }

  /** Puts what is given; from events only where the catalogue is silent. */
  #put(slot: number, facts: ItemFacts, from: Source): void {
    const takes = (field: Sayable): boolean =>
      facts[field] !== undefined && facts[field] !== "" && (from === "catalog" || !this.#isSaid(slot, field));
    const texts = this.#textsOf(slot);
    if (takes("name")) texts[0] = plainText(facts.name).slice(0, ITEM_NAME_LENGTH_MAX) || texts[0];
    if (takes("url")) texts[1] = linkText(facts.url) || texts[1];
    if (takes("image")) texts[2] = linkText(facts.image) || texts[2];
    this.#putTexts(slot, texts);
    if (takes("category")) this.#exchange(this.category, slot, facts.category, from);
    if (takes("brand")) this.#exchange(this.brand, slot, facts.brand, from);
    if (takes("tags")) this.#putTags(slot, facts.tags ?? [], from);
    if (takes("priceMinor") && Number.isSafeInteger(facts.priceMinor)) {
      this.#set(this.priceMinor, slot, facts.priceMinor as number);
      // A price means nothing without its own currency, nor with that of another event.
      const currency = facts.currency?.length === 3 ? facts.currency : undefined;
      this.#exchange(this.#currency, slot, currency, from);
    }
    // Events speak of it by `hearPage`.
    if (takes("availability") && from === "catalog") {
      this.#flag(slot, OUT_OF_STOCK, facts.availability === "out_of_stock");
      this.#flag(slot, IN_STOCK, facts.availability === "in_stock");
    }
    if (takes("addedAtMs") && (from === "catalog" || this.addedAtS[slot] === 0))
      this.#set(this.addedAtS, slot, seconds(facts.addedAtMs));
    if (takes("backInStockAtMs")) this.#set(this.backInStockAtS, slot, seconds(facts.backInStockAtMs));
  }

  #forget(slot: number, field: Sayable): void {
    const texts = this.#textsOf(slot);
    const text = (["name", "url", "image"] as readonly string[]).indexOf(field);
    if (text >= 0) {
      texts[text] = "";
      this.#putTexts(slot, texts);
    }
    if (field === "category") this.#exchange(this.category, slot, "", "events");
    if (field === "brand") this.#exchange(this.brand, slot, "", "events");
    if (field === "tags") this.#putTags(slot, [], "events");
    if (field === "priceMinor") {
      this.#set(this.priceMinor, slot, Number.NaN);
      this.#exchange(this.#currency, slot, "", "events");
    }
    if (field === "availability") this.#flag(slot, OUT_OF_STOCK | IN_STOCK, false);
    if (field === "addedAtMs") this.#set(this.addedAtS, slot, 0);
    if (field === "backInStockAtMs") this.#set(this.backInStockAtS, slot, 0);
  }

  #isSaidOut(slot: number): boolean {
    return !this.#isSaid(slot, "availability") && this.#pageStock.isOut(slot, this.nowS);
  }

  /** The labels are not among them: their numbers are those of this table alone. */
  #columns(): FactColumn[] {
    const numbers = [this.addedAtS, this.backInStockAtS, this.#flags, this.#said, ...this.titles.columns];
    return [
      { values: this.priceMinor, width: 1, empty: Number.NaN },
      ...numbers.map((values) => ({ values, width: 1, empty: 0 })),
    ];
  }

  #labelColumns(): LabelColumn[] {
    const single = [this.category, this.brand, this.#currency].map((values) => ({ values, width: 1 }));
    return [...single, { values: this.tags, width: TAGS_MAX }];
  }

  /** Counts the text of an item that was read; where a smaller bound has no room for it, it is refused. */
  #countText(slot: number): void {
    const units = this.#texts.length(slot);
    if (this.#hasRoom(slot, units)) {
      this.#countUnits(slot, units);
      return;
    }
    this.refused++;
    this.#texts.set(slot, "");
    this.titles.put(slot, "");
  }

  #hasRoom(slot: number, units: number): boolean {
    const ofPage = this.#pageUnits[Math.floor(slot / ITEMS_PER_PAGE)] ?? 0;
    return this.#textUnits + units <= this.#textUnitsMax && ofPage + units <= PAGE_TEXT_UNITS_MAX;
  }

  #countUnits(slot: number, units: number): void {
    const page = Math.floor(slot / ITEMS_PER_PAGE);
    this.#textUnits += units;
    while (this.#pageUnits.length <= page) this.#pageUnits.push(0);
    this.#pageUnits[page] = (this.#pageUnits[page] as number) + units;
  }

  #isSaid(slot: number, field: Sayable): boolean {
    return ((this.#said[slot] as number) & (1 << SAYABLE.indexOf(field))) !== 0;
  }

  #set(column: Column, at: number, value: number): void {
    if (Object.is(column[at], value)) return;
    column[at] = value;
    this.#isChanged = true;
  }

  #flag(slot: number, bits: number, isSet: boolean): void {
    const flags = this.#flags[slot] as number;
    this.#set(this.#flags, slot, isSet ? flags | bits : flags & ~bits);
  }

  /** Puts a label in the place of another; "" for none. */
  #exchange(column: Uint16Array, at: number, text: string | undefined, from: Source): void {
    const before = column[at] as number;
    const label = plainText(text).slice(0, LABEL_LENGTH_MAX);
    if (label === (this.labels.text(before) ?? "")) return;
    this.#set(column, at, this.labels.take(label, from));
    this.labels.release(before);
  }

  #labelOf<Field extends string>(field: Field, label: number | undefined): { [name in Field]?: string } {
    const text = this.labels.text(label ?? NO_LABEL);
    return text === undefined ? {} : ({ [field]: text } as { [name in Field]?: string });
  }

  #tagsOf(slot: number): string[] {
    const own = this.tags.subarray(slot * TAGS_MAX, (slot + 1) * TAGS_MAX);
    const tags: string[] = [];
    for (const label of own) if (label !== NO_LABEL) tags.push(this.labels.text(label) as string);
    return tags;
  }

  #putTags(slot: number, tags: readonly string[], from: Source): void {
    for (let at = 0; at < TAGS_MAX; at++) this.#exchange(this.tags, slot * TAGS_MAX + at, tags[at], from);
  }

  #textsOf(slot: number): [string, string, string] {
    const [name = "", url = "", image = ""] = this.#texts.get(slot).split(SEPARATOR);
    return [name, url, image];
  }

  #putTexts(slot: number, texts: readonly [string, string, string]): void {
    const before = this.#texts.get(slot);
    let after = texts.join(SEPARATOR);
    if (after.length === texts.length - 1) after = "";
    if (after === before) return;
    const grownBy = after.length - before.length;
    if (grownBy > 0 && !this.#hasRoom(slot, grownBy)) {
      this.refused++;
      return;
    }
    this.#countUnits(slot, grownBy);
    if (texts[0] !== before.split(SEPARATOR)[0]) this.titles.put(slot, texts[0]);
    this.#texts.set(slot, after);
    this.#isChanged = true;
  }
}

/** Controls are no text, and two of them separate fields. */
function plainText(text: string | undefined): string {
  const given = text ?? "";
  if (!given.includes(SEPARATOR) && !given.includes(TAG_SEPARATOR)) return given;
  return given.replaceAll(SEPARATOR, " ").replaceAll(TAG_SEPARATOR, " ");
}

function linkText(link: string | undefined): string {
  const text = plainText(link);
  return text.length <= LINK_LENGTH_MAX ? text : "";
}

function seconds(atMs: number | undefined): number {
  const atS = Math.floor((atMs ?? 0) / 1000);
  return atS > 0 && atS < 2 ** 32 ? atS : 0;
}

function textNumber(text: string | undefined): number {
  return text ? Number.parseInt(text, 36) : 0;
}

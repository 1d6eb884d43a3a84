import type { Browser } from "./browser.ts";
import type { EvaluatePage } from "./page-globals.ts";
import type { Tab } from "./tab.ts";

/** What a page may leave out when an overloaded collector asks for a share of it. */
export const METRIC = "web_vital";
export const LOG = "exception";

/** The name of events that the simulated code cannot fold. */
export const POISON = "poison";
const ITEMS = 7;
const ACTIONS_MAX = 14;
const PAUSE_MS = 6_000;
const PARTITION_MS = 40_000;
const FROZEN_MS = 30_000;

/** A visitor in one browser: opens tabs, looks, buys, and leaves them in every way that tabs are left. */
export class Shopper {
  readonly #browser: Browser;
  readonly #evaluate: EvaluatePage;

  constructor(browser: Browser, evaluate: EvaluatePage) {
    this.#browser = browser;
    this.#evaluate = evaluate;
    const { world } = browser;
    const { random } = world;
    for (let tab = random.int(1, 3); tab > 0; tab--) world.at(random.int(0, 20_000), () => this.#visit());
    if (world.fault("network.partition"))
      world.at(random.int(0, 30_000), () => this.#partition(random.int(1_000, PARTITION_MS)));
    if (world.fault("clock.jump"))
      world.at(random.int(0, 40_000), () => {
        browser.skewMs += random.pick([-1, 1]) * random.int(1_000, 172_800_000);
        world.note(`the clock of ${browser.name} jumps to ${browser.skewMs}`);
      });
  }

  #visit(): void {
    const { world } = this.#browser;
    const tab = this.#browser.open(this.#evaluate);
    const actions = world.random.int(1, ACTIONS_MAX);
    let atMs = 0;
    for (let at = 0; at < actions; at++) {
      atMs += world.random.int(10, PAUSE_MS);
      world.at(atMs, () => tab.isActive && this.#act(tab));
    }
    if (world.fault("tab.bfcache")) {
      const frozenAtMs = world.random.int(0, atMs);
      world.at(frozenAtMs, () => tab.isActive && tab.freeze());
      world.at(frozenAtMs + world.random.int(1, FROZEN_MS), () => tab.thaw());
    }
    if (world.fault("tab.kill")) world.at(world.random.int(0, atMs + 2_000), () => tab.isOpen && tab.kill());
    if (world.fault("tab.closed"))
      world.at(world.random.int(0, atMs + 2_000), () => tab.isActive && tab.close());
  }

  #act(tab: Tab): void {
    const { random } = this.#browser.world;
    if (this.#browser.world.fault("event.poison")) {
      tab.track(POISON, {});
      return;
    }
    const itemId = `item-${random.int(1, ITEMS)}`;
    const item = {
      itemId,
      itemName: `Name of ${itemId}`,
      price: 10 + itemId.charCodeAt(5),
      quantity: random.int(1, 3),
    };
    switch (random.int(0, 7)) {
      case 0:
        tab.track("add_to_cart", { currency: "EUR", items: [item] });
        return;
      case 1:
        tab.track("begin_checkout", {});
        return;
      case 2:
      case 3: {
        // Few orders, so that the same one is claimed again, in other tabs and other browsers.
        const order = random.int(1, 4);
        const currency = order % 2 ? "EUR" : "USD";
        const bought = { ...item, itemId: `item-${order}`, price: order, quantity: order };
        tab.track("purchase", {
          currency,
          value: [10.1, 20.2, 30.3, 40.4][order - 1],
          transactionId: `order-${order}`,
          items: [bought],
        });
        return;
      }
      case 4:
        // Without a currency an order is no money: rejected.
        tab.track("purchase", { value: 3, transactionId: "order-without-currency" });
        return;
      case 5:
        for (let times = random.int(2, 12); times > 0; times--)
          tab.track(["scroll", METRIC, LOG][times % 3] as string, { depth: times });
        return;
      default:
        tab.track("view_item", { items: [item] });
        return;
    }
  }

  #partition(lengthMs: number): void {
    const { network, world, name } = this.#browser;
    world.note(`${name} is offline`);
    network.isDown = true;
    world.at(lengthMs, () => {
      world.note(`${name} is online`);
      network.isDown = false;
      for (const tab of this.#browser.tabs) tab.online();
    });
  }
}

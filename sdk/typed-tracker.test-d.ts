import { createTracker } from "./index.ts";

// Compiled with the tests, never run: each line that must not compile says so.
interface ShopEvents {
  size_chart_opened: { itemId: string };
}
const tracker = createTracker<ShopEvents>({ key: "wk_test", endpoint: "https://collect.example" });

tracker.track("page_view");
tracker.track("size_chart_opened", { itemId: "4711" });
tracker.track("purchase", { transactionId: "O-1", currency: "EUR", value: 12.9, coupon: "SPRING" });
tracker.track("add_to_cart", { currency: "EUR", items: [{ itemId: "4711", price: "12.90" }] });
// @ts-expect-error a purchase needs its id
tracker.track("purchase", { currency: "EUR", value: 12.9 });
// @ts-expect-error and its parameters
tracker.track("purchase");
// @ts-expect-error an item needs an id
tracker.track("view_item", { items: [{ itemName: "Shoe" }] });
// @ts-expect-error an own event has its own parameters
tracker.track("size_chart_opened", { item: "4711" });
// @ts-expect-error a name that nobody declared
tracker.track("size_chart_opend", { itemId: "4711" });
// @ts-expect-error ids are texts
tracker.track("search", { searchTerm: 7 });

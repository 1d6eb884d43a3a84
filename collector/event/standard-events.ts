/** A parameter that the contract names. What else an event carries is kept in its `props`. */
export type StandardParam =
  | "url"
  | "title"
  | "referrer"
  | "searchTerm"
  | "itemListId"
  | "currency"
  | "value"
  | "valueMinor"
  | "transactionId"
  | "items";

export interface StandardEvent<
  Needs extends StandardParam = StandardParam,
  Takes extends StandardParam = StandardParam,
> {
  /** Without these the event is rejected. */
  needs: readonly Needs[];
  /** What it usually carries besides. */
  takes: readonly Takes[];
  /** When a shop sends it. */
  when: string;
}

type ItemParams = "items" | "currency" | "value";
type ListParams = "items" | "currency" | "itemListId";

/** GA4's names for what happens in a shop, each with what it needs and takes. */
export interface StandardEvents {
  page_view: StandardEvent<never, "url" | "title" | "referrer">;
  search: StandardEvent<never, "searchTerm">;
  view_item_list: StandardEvent<never, ListParams>;
  select_item: StandardEvent<never, ListParams>;
  view_item: StandardEvent<never, ItemParams>;
  add_to_wishlist: StandardEvent<never, ItemParams>;
  add_to_cart: StandardEvent<never, ItemParams>;
  remove_from_cart: StandardEvent<never, ItemParams>;
  view_cart: StandardEvent<never, ItemParams>;
  begin_checkout: StandardEvent<never, ItemParams>;
  add_shipping_info: StandardEvent<never, ItemParams>;
  add_payment_info: StandardEvent<never, ItemParams>;
  purchase: StandardEvent<"transactionId" | "currency", "value" | "items">;
  refund: StandardEvent<never, "transactionId" | "currency" | "value" | "items">;
  view_promotion: StandardEvent<never, "items" | "currency">;
  select_promotion: StandardEvent<never, "items" | "currency">;
  login: StandardEvent<never, never>;
  sign_up: StandardEvent<never, never>;
  generate_lead: StandardEvent<never, "currency" | "value">;
  share: StandardEvent<never, never>;
}
export type StandardEventName = keyof StandardEvents;

const ITEMS: readonly ItemParams[] = ["items", "currency", "value"];
const LIST: readonly ListParams[] = ["items", "currency", "itemListId"];

/**
 * The types of the SDK and the reference of docs/events.md are made from this table, and a test holds it against the
 * decoder.
 */
export const STANDARD_EVENTS: StandardEvents = {
  page_view: {
    needs: [],
    takes: ["url", "title", "referrer"],
    when: "a page, or a route of an app, is shown",
  },
  search: { needs: [], takes: ["searchTerm"], when: "a visitor searched the shop" },
  view_item_list: { needs: [], takes: LIST, when: "a list of products is shown" },
  select_item: { needs: [], takes: LIST, when: "a product of a list was chosen" },
  view_item: { needs: [], takes: ITEMS, when: "a product's page is shown" },
  add_to_wishlist: { needs: [], takes: ITEMS, when: "a product was remembered" },
  add_to_cart: { needs: [], takes: ITEMS, when: "products were put into the cart" },
  remove_from_cart: { needs: [], takes: ITEMS, when: "products were taken out of the cart" },
  view_cart: { needs: [], takes: ITEMS, when: "the cart is shown" },
  begin_checkout: { needs: [], takes: ITEMS, when: "the checkout began" },
  add_shipping_info: { needs: [], takes: ITEMS, when: "the way of delivery was chosen" },
  add_payment_info: { needs: [], takes: ITEMS, when: "the way of payment was chosen" },
  purchase: {
    needs: ["transactionId", "currency"],
    takes: ["value", "items"],
    when: "an order was placed; its money counts once for each `transactionId`",
  },
  refund: {
    needs: [],
    takes: ["transactionId", "currency", "value", "items"],
    when: "an order, or a part of it, was given back",
  },
  view_promotion: { needs: [], takes: ["items", "currency"], when: "a promotion is shown" },
  select_promotion: { needs: [], takes: ["items", "currency"], when: "a promotion was chosen" },
  login: { needs: [], takes: [], when: "a customer signed in" },
  sign_up: { needs: [], takes: [], when: "a customer's account was made" },
  generate_lead: { needs: [], takes: ["currency", "value"], when: "a visitor left an address" },
  share: { needs: [], takes: [], when: "something was shared" },
};

/** GA4's names that reports, recommendations or shops use. */
const NAMES: readonly string[] = [
  "page_view",
  "search",
  "view_search_results",
  "view_item_list",
  "select_item",
  "view_item",
  "add_to_wishlist",
  "add_to_cart",
  "remove_from_cart",
  "view_cart",
  "begin_checkout",
  "add_shipping_info",
  "add_payment_info",
  "purchase",
  "refund",
  "view_promotion",
  "select_promotion",
  "sign_up",
  "login",
  "session_start",
];

const STANDARD: ReadonlySet<string> = new Set(NAMES);
const BY_LETTERS: ReadonlyMap<string, string> = new Map(NAMES.map((name) => [letters(name), name]));

/** The standard name that differs from this one only in case and in how words are joined, if there is one. */
export function standardName(name: string): string | undefined {
  return STANDARD.has(name) ? name : BY_LETTERS.get(letters(name));
}

function letters(name: string): string {
  return name.replace(/[ _-]/g, "").toLowerCase();
}

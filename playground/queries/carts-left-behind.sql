-- Carts left behind: products added in sessions without an order
SELECT
  coalesce(any_value(name), item_id) AS product,
  count(DISTINCT session) AS sessions,
  sum(quantity) AS units,
  item_id
FROM items
WHERE event = 'add_to_cart'
  AND session NOT IN (SELECT session FROM events WHERE name = 'purchase')
GROUP BY item_id
ORDER BY sessions DESC, item_id
LIMIT 20;

-- Top products by revenue, in claimed orders; each currency by itself
SELECT
  coalesce(any_value(item.name), item.item_id) AS product,
  round(major(sum(item.price_minor * item.quantity), currency), 2) AS revenue,
  sum(item.quantity) AS units,
  count(DISTINCT order_id) AS orders,
  currency,
  item.item_id AS item_id
FROM (SELECT order_id, currency, unnest(items) AS item FROM orders)
GROUP BY item.item_id, currency
QUALIFY row_number() OVER (PARTITION BY currency ORDER BY revenue DESC NULLS LAST, item_id) <= 20
ORDER BY currency, revenue DESC NULLS LAST, item_id;

-- Viewed next: which product follows which
WITH views AS (
  SELECT item_id, coalesce(item_name, item_id) AS product,
    lead(item_id) OVER session_order AS next_id,
    lead(coalesce(item_name, item_id)) OVER session_order AS next_product
  FROM events
  WHERE name = 'view_item' AND item_id IS NOT NULL
  WINDOW session_order AS (PARTITION BY session ORDER BY occurred_at, stream, seq)
)
SELECT
  any_value(product) || ' → ' || any_value(next_product) AS step,
  count(*) AS times,
  item_id,
  next_id
FROM views
WHERE next_id <> item_id
GROUP BY item_id, next_id
ORDER BY times DESC, item_id, next_id
LIMIT 20;

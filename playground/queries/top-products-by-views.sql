-- Top products by views
SELECT
  coalesce(any_value(item_name), item_id) AS product,
  item_id,
  count(*) AS views,
  count(DISTINCT session) AS sessions
FROM events
WHERE name = 'view_item' AND item_id IS NOT NULL
GROUP BY item_id
ORDER BY views DESC, item_id
LIMIT 20;

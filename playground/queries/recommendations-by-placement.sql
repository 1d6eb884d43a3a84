-- Recommendations: what was shown, chosen and bought after it
WITH lists AS (
  SELECT name, session, item_id, occurred_at,
    split_part(item_list_id, ':', 2) AS placement, split_part(item_list_id, ':', 3) AS variant
  FROM events
  WHERE name IN ('view_item_list', 'select_item') AND item_list_id SIMILAR TO 'rec:[^:]+:(model|control):.*'
), lines AS (
  SELECT row_number() OVER () AS line, *
  FROM (SELECT order_id, session, currency, occurred_at, unnest(items) AS item FROM orders)
), bought AS (
  -- Each line belongs to the last list in which its session chose the item.
  SELECT placement, variant, order_id, currency, item.quantity * item.price_minor AS minor
  FROM lines JOIN lists AS click
    ON click.name = 'select_item' AND click.session = lines.session AND click.item_id = item.item_id
    AND click.occurred_at BETWEEN lines.occurred_at - INTERVAL 24 HOUR AND lines.occurred_at
  QUALIFY row_number() OVER (PARTITION BY line ORDER BY click.occurred_at DESC) = 1
), shown AS (
  SELECT placement, variant, count(*) FILTER (name = 'view_item_list') AS impressions,
    count(*) FILTER (name = 'select_item') AS clicks
  FROM lists GROUP BY placement, variant
), revenue AS (
  SELECT placement, variant, currency, count(DISTINCT order_id) AS orders,
    round(major(sum(minor), currency), 2) AS revenue
  FROM bought GROUP BY placement, variant, currency
)
SELECT
  placement,
  variant,
  impressions,
  clicks,
  round(100.0 * clicks / nullif(impressions, 0), 1) AS percent_clicked,
  coalesce(orders, 0) AS orders,
  revenue,
  currency
FROM shown LEFT JOIN revenue USING (placement, variant)
ORDER BY impressions DESC, placement, variant, currency;

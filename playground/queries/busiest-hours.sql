-- Busiest hours of the day, UTC
SELECT
  printf('%02d:00', hour(occurred_at)) AS hour_of_day,
  count(*) FILTER (page_view) AS page_views,
  count(DISTINCT session) AS sessions,
  count(DISTINCT order_id) FILTER (name = 'purchase') AS orders
FROM events
GROUP BY hour_of_day
ORDER BY hour_of_day;

-- Page views and unique visitors per minute
SELECT
  date_trunc('minute', occurred_at) AS minute,
  count(*) FILTER (page_view) AS page_views,
  count(DISTINCT visitor) FILTER (page_view) AS unique_visitors
FROM events
GROUP BY minute
ORDER BY minute;

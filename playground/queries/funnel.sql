-- Funnel: how many sessions reach each step
WITH reached AS (
  SELECT
    session,
    bool_or(page_view) AS seen,
    bool_or(name = 'view_item') AS viewed,
    bool_or(name = 'add_to_cart') AS added,
    bool_or(name = 'begin_checkout') AS began,
    bool_or(name = 'purchase') AS bought
  FROM events
  GROUP BY session
), steps AS (
  SELECT 1 AS place, 'page_view' AS step, count(*) FILTER (seen) AS sessions FROM reached
  UNION ALL
  SELECT 2, 'view_item', count(*) FILTER (seen AND viewed) FROM reached
  UNION ALL
  SELECT 3, 'add_to_cart', count(*) FILTER (seen AND viewed AND added) FROM reached
  UNION ALL
  SELECT 4, 'begin_checkout', count(*) FILTER (seen AND viewed AND added AND began) FROM reached
  UNION ALL
  SELECT 5, 'purchase', count(*) FILTER (seen AND viewed AND added AND began AND bought) FROM reached
)
SELECT
  step,
  sessions,
  round(100.0 * sessions / nullif(first_value(sessions) OVER (ORDER BY place), 0), 1) AS percent_of_all
FROM steps
ORDER BY place;

-- Searches without a click: what people look for and leave
WITH searches AS (
  SELECT session, search_term, occurred_at,
    lead(occurred_at) OVER (PARTITION BY session ORDER BY occurred_at) AS next_search_at
  FROM events
  WHERE name IN ('search', 'view_search_results') AND search_term IS NOT NULL
), answered AS (
  SELECT lower(trim(search_term)) AS search, EXISTS (
    SELECT 1
    FROM events AS click
    WHERE click.session = searches.session
      AND click.name IN ('select_item', 'view_item', 'add_to_cart')
      AND click.occurred_at >= searches.occurred_at
      AND (searches.next_search_at IS NULL OR click.occurred_at < searches.next_search_at)
  ) AS clicked
  FROM searches
)
SELECT
  search,
  count(*) FILTER (NOT clicked) AS without_click,
  count(*) AS searches,
  round(100.0 * count(*) FILTER (NOT clicked) / count(*), 1) AS percent_without_click
FROM answered
GROUP BY search
HAVING without_click > 0
ORDER BY without_click DESC, search
LIMIT 20;

-- Where visitors come from: the first event of each session decides
WITH origins AS (
  SELECT session, visitor, name, occurred_at,
    coalesce(campaign_source, nullif(regexp_extract(referrer, '^https?://([^/:]+)', 1), ''), 'direct') AS origin
  FROM events
), first_origins AS (
  SELECT session, arg_min(origin, occurred_at) AS origin, any_value(visitor) AS visitor,
    bool_or(name = 'purchase') AS bought
  FROM origins
  GROUP BY session
)
SELECT
  origin,
  count(*) AS sessions,
  count(DISTINCT visitor) AS visitors,
  count(*) FILTER (bought) AS sessions_with_order
FROM first_origins
GROUP BY origin
ORDER BY sessions DESC, origin
LIMIT 20;

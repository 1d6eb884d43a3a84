-- Sessions by length in page views
WITH lengths AS (
  SELECT session, count(*) FILTER (page_view) AS page_views
  FROM events
  GROUP BY session
)
SELECT
  CASE
    WHEN page_views <= 5 THEN page_views::VARCHAR
    WHEN page_views <= 10 THEN '6 to 10'
    WHEN page_views <= 20 THEN '11 to 20'
    ELSE 'over 20'
  END AS page_views_in_session,
  count(*) AS sessions
FROM lengths
GROUP BY page_views_in_session
ORDER BY min(page_views);

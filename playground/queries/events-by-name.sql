-- What is in here: events by name
SELECT
  name,
  count(*) AS events,
  count(DISTINCT session) AS sessions,
  count(*) FILTER (late) AS late,
  count(*) FILTER (len(fixes) > 0) AS corrected,
  min(occurred_at) AS first_at,
  max(occurred_at) AS last_at
FROM events
GROUP BY name
ORDER BY events DESC, name;

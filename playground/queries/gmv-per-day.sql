-- GMV per day: every claimed order once
SELECT
  CAST(occurred_at AS DATE) AS day,
  round(major(sum(value_minor), currency), 2) AS gmv,
  count(*) AS orders,
  round(major(avg(value_minor), currency), 2) AS average_order,
  currency
FROM orders
GROUP BY day, currency
ORDER BY day, currency;

WITH old AS (SELECT id, day::DATE AS day, amount::DECIMAL(10, 2) AS amount FROM 'old.ndjson'),
new AS (SELECT id, day::DATE AS day, amount::DECIMAL(10, 2) AS amount FROM 'new.ndjson'),
by_day AS (
  SELECT * FROM old WHERE (day >= DATE '2026-01-02') IS NOT TRUE
  UNION ALL
  SELECT * FROM new WHERE (day >= DATE '2026-01-02') IS TRUE
)
SELECT day, count(*) AS sales, sum(amount)::DECIMAL(20, 2) AS revenue FROM by_day GROUP BY day

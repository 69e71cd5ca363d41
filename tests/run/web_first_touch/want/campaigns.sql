WITH t AS (
  SELECT row_number() OVER () AS n, *, nullif(regexp_extract(url, 'utm_campaign=([^&]*)', 1), '') AS c
  FROM read_json('touches.ndjson', columns = {user: 'BIGINT', url: 'VARCHAR', revenue: 'DECIMAL(8,2)', ts: 'TIMESTAMPTZ'})
)
SELECT user, first(c ORDER BY ts, n) FILTER (c IS NOT NULL) AS first_campaign, last(c ORDER BY ts, n) FILTER (c IS NOT NULL) AS last_campaign, first(url ORDER BY ts, n) AS first_url,
  first(c ORDER BY revenue DESC, ts, n) FILTER (c IS NOT NULL AND revenue IS NOT NULL) AS best_campaign,
  first(c ORDER BY revenue, ts, n) FILTER (c IS NOT NULL AND revenue IS NOT NULL) AS least_paid,
  last(c ORDER BY ts, n) FILTER (c IS NOT NULL AND revenue IS NULL) AS before_purchase, sum(revenue) AS revenue, count(*) AS touches
FROM t GROUP BY user HAVING sum(revenue) IS NOT NULL

WITH RECURSIVE numbered AS (SELECT *, row_number() OVER (PARTITION BY city, amount ORDER BY ts, id) AS n FROM read_json('rows*.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', city: 'VARCHAR', amount: 'BIGINT', ts: 'TIMESTAMPTZ'})),
walk AS (SELECT city, amount, n, id, ts AS first FROM numbered WHERE n = 1
  UNION ALL SELECT r.city, r.amount, r.n, r.id, CASE WHEN r.ts <= w.first + INTERVAL 3 minute THEN w.first ELSE r.ts END
  FROM walk w JOIN numbered r ON r.city IS NOT DISTINCT FROM w.city AND r.amount IS NOT DISTINCT FROM w.amount AND r.n = w.n + 1)
SELECT id FROM walk QUALIFY row_number() OVER (PARTITION BY city, amount, first ORDER BY n DESC) = 1

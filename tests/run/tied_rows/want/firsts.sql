WITH RECURSIVE numbered AS (SELECT *, epoch_us(ts) AS t, row_number() OVER (PARTITION BY city ORDER BY id) AS n FROM read_json('rows*.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', city: 'VARCHAR', amount: 'BIGINT', ts: 'TIMESTAMPTZ'})),
walk AS (SELECT city, n, id, [t] AS passed, true AS passes FROM numbered WHERE n = 1
  UNION ALL SELECT r.city, r.n, r.id,
    CASE WHEN len(list_filter(w.passed, lambda p: abs(p - r.t) <= 120000000)) = 0 THEN list_append(w.passed, r.t) ELSE w.passed END,
    len(list_filter(w.passed, lambda p: abs(p - r.t) <= 120000000)) = 0
  FROM walk w JOIN numbered r ON r.city IS NOT DISTINCT FROM w.city AND r.n = w.n + 1)
SELECT id FROM walk WHERE passes

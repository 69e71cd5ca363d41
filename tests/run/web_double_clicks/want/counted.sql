WITH RECURSIVE c AS (FROM read_csv('clicks.csv', header = true, columns = {id: 'BIGINT', user: 'VARCHAR', button: 'VARCHAR', ts: 'TIMESTAMPTZ'})), k AS (SELECT *, row_number() OVER (PARTITION BY user, button ORDER BY id) AS n FROM c),
s AS (
  SELECT *, ts AS base, true AS counts FROM k WHERE n = 1
  UNION ALL
  SELECT k.*, CASE WHEN k.ts - s.base > INTERVAL 2 SECONDS THEN k.ts ELSE s.base END, k.ts - s.base > INTERVAL 2 SECONDS
  FROM s JOIN k ON k.user = s.user AND k.button IS NOT DISTINCT FROM s.button AND k.n = s.n + 1
)
SELECT id, user, button, ts FROM s WHERE counts

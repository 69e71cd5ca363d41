WITH RECURSIVE c AS (FROM read_csv('clicks.csv', header = true, columns = {id: 'BIGINT', user: 'VARCHAR', button: 'VARCHAR', ts: 'TIMESTAMPTZ'})), k AS (SELECT *, row_number() OVER (PARTITION BY user ORDER BY ts, id) AS n FROM c),
s AS (
  SELECT *, ts AS base FROM k WHERE n = 1
  UNION ALL
  SELECT k.*, CASE WHEN k.ts - s.base > INTERVAL 3 SECONDS THEN k.ts ELSE s.base END FROM s JOIN k ON k.user = s.user AND k.n = s.n + 1
)
SELECT user, id FROM s QUALIFY row_number() OVER (PARTITION BY user, base ORDER BY n DESC) = 1

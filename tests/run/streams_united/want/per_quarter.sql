WITH k AS (SELECT *, 'call' AS kind, INTERVAL 2 MINUTE AS lateness FROM read_json('calls/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', customer: 'VARCHAR', "at": 'TIMESTAMPTZ'})
  UNION ALL SELECT *, 'mail', INTERVAL 1 MINUTE FROM read_json('mails/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', customer: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
c AS (SELECT *, max("at") OVER (PARTITION BY kind ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - lateness AS watermark, (SELECT min(e) FROM (SELECT max("at" - lateness) AS e FROM k GROUP BY kind)) AS at_end FROM k)
, w AS (SELECT *, time_bucket(INTERVAL 15 MINUTE, "at", TIMESTAMPTZ '1970-01-01 00:00:00+00') AS s FROM c)
SELECT s AS window_start, s + INTERVAL 15 MINUTE AS window_end, customer, count(*) AS contacts, count(*) FILTER (kind = 'call') AS calls FROM w WHERE (watermark IS NULL OR s + INTERVAL 15 MINUTE > watermark) AND s + INTERVAL 15 MINUTE <= at_end GROUP BY ALL

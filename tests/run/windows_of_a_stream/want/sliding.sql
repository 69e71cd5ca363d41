WITH clicks AS (
  SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 minutes AS watermark,
         max("at") OVER () - INTERVAL 5 minutes AS at_end
  FROM read_json('in/*.ndjson', format = 'newline_delimited',
                 columns = {seq: 'bigint', page: 'varchar', ms: 'bigint', "at": 'timestamp'})
  WHERE ms >= 0),
placed AS (
  SELECT *, time_bucket(INTERVAL 10 minutes, "at") - k * INTERVAL 10 minutes AS w
  FROM clicks, (VALUES (0), (1), (2)) AS steps(k))
SELECT w::timestamptz AS window_start, (w + INTERVAL 30 minutes)::timestamptz AS window_end, page, count(*) AS clicks
FROM placed
WHERE (watermark IS NULL OR w + INTERVAL 30 minutes > watermark) AND w + INTERVAL 30 minutes <= at_end
GROUP BY ALL

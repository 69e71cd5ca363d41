WITH clicks AS (
  SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 minutes AS watermark, max("at") OVER () - INTERVAL 5 minutes AS at_end, time_bucket(INTERVAL 10 minutes, "at") AS w
  FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'bigint', page: 'varchar', ms: 'bigint', "at": 'timestamp'})
  WHERE ms >= 0)
SELECT w::timestamptz AS window_start, (w + INTERVAL 10 minutes)::timestamptz AS window_end, page, count(*) AS clicks, sum(ms)::bigint AS total_ms
FROM clicks
WHERE (watermark IS NULL OR w + INTERVAL 10 minutes > watermark) AND w + INTERVAL 10 minutes <= at_end
GROUP BY ALL

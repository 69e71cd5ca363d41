WITH clicks AS (
  SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 minutes AS watermark,
         time_bucket(INTERVAL 10 minutes, "at") AS w
  FROM read_json('in/*.ndjson', format = 'newline_delimited',
                 columns = {seq: 'bigint', page: 'varchar', ms: 'bigint', "at": 'timestamp'})
  WHERE ms >= 0)
SELECT w::timestamptz AS window_start, (w + INTERVAL 10 minutes)::timestamptz AS window_end, page, count(*) AS clicks, min(ms) AS least
FROM clicks
WHERE watermark IS NULL OR w + INTERVAL 10 minutes > watermark
GROUP BY ALL

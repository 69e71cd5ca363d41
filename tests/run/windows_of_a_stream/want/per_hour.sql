WITH clicks AS (
  SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 minutes AS watermark,
         max("at") OVER () - INTERVAL 5 minutes AS at_end, time_bucket(INTERVAL 10 minutes, "at") AS w
  FROM read_json('in/*.ndjson', format = 'newline_delimited',
                 columns = {seq: 'bigint', page: 'varchar', ms: 'bigint', "at": 'timestamp'})
  WHERE ms >= 0),
tens AS (
  SELECT w, page, at_end, count(*) AS clicks
  FROM clicks
  WHERE watermark IS NULL OR w + INTERVAL 10 minutes > watermark
  GROUP BY ALL)
SELECT date_trunc('hour', w)::timestamptz AS window_start, (date_trunc('hour', w) + INTERVAL 1 hour)::timestamptz AS window_end, page,
       count(*) AS tens, sum(clicks)::bigint AS clicks, max(clicks) AS busiest
FROM tens
WHERE date_trunc('hour', w) + INTERVAL 1 hour <= at_end
GROUP BY ALL

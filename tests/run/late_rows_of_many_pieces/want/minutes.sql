WITH readings AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 30 seconds AS watermark, max("at") OVER () - INTERVAL 30 seconds AS at_end, time_bucket(INTERVAL 1 minute, "at") AS w FROM read_json('in/*.gz', format = 'newline_delimited', compression = 'gzip', columns = {seq: 'bigint', value: 'bigint', "at": 'timestamp'}) WHERE value >= 0)
SELECT w::timestamptz AS window_start, (w + INTERVAL 1 minute)::timestamptz AS window_end, count(*) AS readings, sum(value)::bigint AS total
FROM readings
WHERE (watermark IS NULL OR w + INTERVAL 1 minute > watermark) AND w + INTERVAL 1 minute <= at_end
GROUP BY ALL

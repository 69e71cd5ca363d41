WITH events AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 10 minutes AS watermark, max("at") OVER () - INTERVAL 10 minutes AS at_end FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'bigint', id: 'varchar', value: 'bigint', "at": 'timestamp'})),
on_time AS (SELECT *, row_number() OVER (PARTITION BY id ORDER BY seq) AS place FROM events
            WHERE watermark IS NULL OR "at" + INTERVAL 1 hour >= watermark)
SELECT date_trunc('hour', "at")::timestamptz AS window_start, (date_trunc('hour', "at") + INTERVAL 1 hour)::timestamptz AS window_end,
       count(*) AS events, sum(value)::bigint AS total
FROM on_time
WHERE place = 1 AND (watermark IS NULL OR date_trunc('hour', "at") + INTERVAL 1 hour > watermark)
  AND date_trunc('hour', "at") + INTERVAL 1 hour <= at_end
GROUP BY ALL

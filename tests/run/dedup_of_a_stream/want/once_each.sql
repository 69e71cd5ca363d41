WITH events AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 10 minutes AS watermark FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'bigint', id: 'varchar', value: 'bigint', "at": 'timestamp'})),
on_time AS (SELECT *, row_number() OVER (PARTITION BY id ORDER BY seq) AS place FROM events
            WHERE watermark IS NULL OR "at" + INTERVAL 1 hour >= watermark)
SELECT seq, id, value, "at"::timestamptz AS "at" FROM on_time WHERE place = 1

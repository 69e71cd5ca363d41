WITH events AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 10 minutes AS watermark FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'bigint', id: 'varchar', value: 'bigint', "at": 'timestamp'}))
SELECT seq, id, value, "at"::timestamptz AS "at" FROM events WHERE "at" + INTERVAL 1 hour < watermark

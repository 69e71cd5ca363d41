WITH clicks AS (
  SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 minutes AS watermark
  FROM read_json('in/*.ndjson', format = 'newline_delimited',
                 columns = {seq: 'bigint', page: 'varchar', ms: 'bigint', "at": 'timestamp'})
  WHERE ms >= 0)
SELECT seq, page, ms, "at"::timestamptz AS "at"
FROM clicks
WHERE page <> 'none' AND time_bucket(INTERVAL 10 minutes, "at") + INTERVAL 10 minutes <= watermark

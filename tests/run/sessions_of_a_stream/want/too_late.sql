WITH c AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 MINUTE AS watermark, max("at") OVER () - INTERVAL 5 MINUTE AS at_end
  FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', visitor: 'VARCHAR', page: 'VARCHAR', ms: 'BIGINT', "at": 'TIMESTAMPTZ'}))
SELECT seq, visitor, page, ms, "at" FROM c WHERE "at" + INTERVAL 10 MINUTE <= watermark

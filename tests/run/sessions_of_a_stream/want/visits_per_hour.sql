WITH c AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 MINUTE AS watermark, max("at") OVER () - INTERVAL 5 MINUTE AS at_end
  FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', visitor: 'VARCHAR', page: 'VARCHAR', ms: 'BIGINT', "at": 'TIMESTAMPTZ'})),
-- A click goes with what ends behind its reach: those spans overlap.
o AS (SELECT *, greatest("at", watermark) AS reach, "at" + to_seconds(600) AS span_end FROM c WHERE (watermark IS NULL OR "at" + to_seconds(600) > watermark) AND true),
m AS (SELECT *, CASE WHEN reach < max(span_end) OVER (PARTITION BY visitor ORDER BY reach, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS is_first FROM o),
s AS (SELECT *, sum(is_first) OVER (PARTITION BY visitor ORDER BY reach, seq ROWS UNBOUNDED PRECEDING) AS number FROM m)
, v AS (SELECT visitor, max(span_end) AS e, count(*) AS clicks, any_value(at_end) AS at_end FROM s GROUP BY visitor, number), w AS (SELECT *, date_trunc('hour', e - INTERVAL 1 MICROSECOND) AS h FROM v)
SELECT h AS window_start, h + INTERVAL 1 HOUR AS window_end, visitor, count(*) AS visits, sum(clicks)::BIGINT AS clicks FROM w GROUP BY h, visitor HAVING h + INTERVAL 1 HOUR <= any_value(at_end)

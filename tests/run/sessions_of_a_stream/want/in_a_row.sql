WITH c AS (SELECT *, max("at") OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 5 MINUTE AS watermark, max("at") OVER () - INTERVAL 5 MINUTE AS at_end
  FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', visitor: 'VARCHAR', page: 'VARCHAR', ms: 'BIGINT', "at": 'TIMESTAMPTZ'})),
-- A click goes with what ends behind its reach: those spans overlap.
o AS (SELECT *, greatest("at", watermark) AS reach, "at" + to_seconds(600) AS span_end FROM c WHERE (watermark IS NULL OR "at" + to_seconds(600) > watermark) AND true),
m AS (SELECT *, CASE WHEN reach < max(span_end) OVER (PARTITION BY visitor ORDER BY reach, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS is_first FROM o),
s AS (SELECT *, sum(is_first) OVER (PARTITION BY visitor ORDER BY reach, seq ROWS UNBOUNDED PRECEDING) AS number FROM m)
, v AS (SELECT visitor, max(span_end) - INTERVAL 1 MICROSECOND AS t, count(*) AS clicks, any_value(at_end) AS at_end FROM s GROUP BY visitor, number HAVING max(span_end) <= any_value(at_end)), w AS (SELECT *, CASE WHEN t - lag(t) OVER (PARTITION BY visitor ORDER BY t) < INTERVAL 20 MINUTE THEN 0 ELSE 1 END AS f FROM v), x AS (SELECT *, sum(f) OVER (PARTITION BY visitor ORDER BY t ROWS UNBOUNDED PRECEDING) AS n FROM w)
SELECT min(t) AS window_start, max(t) + INTERVAL 20 MINUTE AS window_end, visitor, count(*) AS visits, sum(clicks)::BIGINT AS clicks FROM x GROUP BY visitor, n HAVING max(t) + INTERVAL 20 MINUTE <= any_value(at_end)

WITH k AS (SELECT *, 'call' AS kind, INTERVAL 2 MINUTE AS lateness FROM read_json('calls/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', customer: 'VARCHAR', "at": 'TIMESTAMPTZ'})
  UNION ALL SELECT *, 'mail', INTERVAL 1 MINUTE FROM read_json('mails/*.ndjson', format = 'newline_delimited', columns = {seq: 'BIGINT', customer: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
c AS (SELECT *, max("at") OVER (PARTITION BY kind ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - lateness AS watermark, (SELECT min(e) FROM (SELECT max("at" - lateness) AS e FROM k GROUP BY kind)) AS at_end FROM k)
, o AS (SELECT *, greatest("at", watermark) AS reach, "at" + INTERVAL 5 MINUTE AS span_end FROM c WHERE watermark IS NULL OR "at" + INTERVAL 5 MINUTE > watermark),
m AS (SELECT *, CASE WHEN reach < max(span_end) OVER (PARTITION BY customer ORDER BY reach, kind, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS is_first FROM o),
s AS (SELECT *, sum(is_first) OVER (PARTITION BY customer ORDER BY reach, kind, seq ROWS UNBOUNDED PRECEDING) AS number FROM m),
t AS (SELECT min("at") AS window_start, max(span_end) AS window_end, customer, count(*) AS contacts, count(*) FILTER (kind = 'call') AS calls, any_value(at_end) AS at_end FROM s GROUP BY customer, number)
SELECT * EXCLUDE (at_end) FROM t WHERE window_end <= at_end

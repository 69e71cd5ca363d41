WITH s AS (SELECT *, a AT TIME ZONE 'UTC' AS ua, b AT TIME ZONE 'UTC' AS ub, a AT TIME ZONE 'Europe/Rome' AS local FROM read_csv('spans.csv', header = true, columns = {id: 'INTEGER', a: 'TIMESTAMPTZ', b: 'TIMESTAMPTZ', d: 'DATE', n: 'BIGINT'})), u AS (SELECT *, epoch_us(b) - epoch_us(a) AS us, (year(ub) - year(ua)) * 12 + month(ub) - month(ua) AS whole FROM s),
m AS (
  SELECT *, whole - CASE WHEN us >= 0 AND whole > 0 AND ua - date_trunc('month', ua) > ub - date_trunc('month', ub) THEN 1
    WHEN us < 0 AND whole < 0 AND ua - date_trunc('month', ua) < ub - date_trunc('month', ub) THEN -1 ELSE 0 END AS months FROM u
)
SELECT id, months // 12 AS years, months // 3 AS quarters, months, us // 604800000000 AS weeks, us // 86400000000 AS days, us // 3600000000 AS hours, us // 60000000 AS minutes, us // 1000000 AS seconds, true AS same
FROM m

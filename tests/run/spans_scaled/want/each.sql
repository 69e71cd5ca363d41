SELECT id, (b - a) * 86400000000 AS since, t * 2 AS twice, n * t AS times, CAST(trunc(t / n) AS BIGINT) AS part, t / 60e6 AS minutes,
  3600000000 AS hour, 1200000000 AS third, -172800000000 AS back, CAST(b - a AS DOUBLE) AS days
FROM read_json('visits.ndjson', columns = {id: 'BIGINT', a: 'DATE', b: 'DATE', n: 'BIGINT', t: 'BIGINT'})
WHERE n IS DISTINCT FROM 0 AND id <> 5

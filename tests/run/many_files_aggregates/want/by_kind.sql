WITH r AS (
  FROM read_json('in/*.ndjson', columns = {id: 'INTEGER', kind: 'VARCHAR', a: 'INTEGER', d: 'DECIMAL(9,2)', f: 'DOUBLE', t: 'VARCHAR', "at": 'TIMESTAMPTZ'})
), f AS (SELECT kind, t, min(("at", id)) AS first FROM r WHERE t IS NOT NULL GROUP BY ALL),
s AS (SELECT kind, list(t ORDER BY first) AS ts FROM f GROUP BY kind)
SELECT r.kind, count(*) AS n, first(t ORDER BY "at", id) FILTER (t IS NOT NULL) AS first_t, last(a ORDER BY "at", id) FILTER (a IS NOT NULL) AS last_a,
  coalesce(list(a ORDER BY "at", id) FILTER (a IS NOT NULL AND id % 3 = 0), []) AS all_a, coalesce(any_value(ts), []) AS set_of_t, string_agg(t, '/' ORDER BY "at", id) FILTER (a > 5) AS texts,
  first(id ORDER BY d, "at", id) FILTER (d IS NOT NULL) AS at_least, first(t ORDER BY f DESC, "at", id) FILTER (f IS NOT NULL AND t IS NOT NULL) AS at_most, fsum(f) AS exact,
  (((sum(d) * 100)::BIGINT * 20000 + count(d)) // (2 * count(d)) * 0.000001::DECIMAL(7, 6))::DECIMAL(13, 6) AS mean, round(stddev_samp(f), 9) AS spread, median(d)::DOUBLE AS middle,
  count(*) FILTER (a IS NULL) / count(*) AS share, coalesce(list({id: id, t: t} ORDER BY "at", id) FILTER (f IS NULL), []) AS pairs
FROM r LEFT JOIN s ON r.kind IS NOT DISTINCT FROM s.kind GROUP BY r.kind

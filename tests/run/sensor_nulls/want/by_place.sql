WITH r AS (
  SELECT row_number() OVER () AS n, *
  FROM read_json('readings.ndjson', columns = {place: 'VARCHAR', a: 'INTEGER', b: 'DECIMAL(7,3)', c: 'DOUBLE', t: 'TIMESTAMPTZ', d: 'DATE', ok: 'BOOLEAN', e: 'VARCHAR'})
)
SELECT place, count(*) AS n, count(a) AS na, sum(a)::BIGINT AS a, sum(b) AS b, min(b) AS b_least, max(c) AS c, fsum(c) / nullif(count(c), 0) AS c_mean, min(t) AS t, max(d) AS d,
  bool_and(ok) AS all_ok, bool_or(ok) AS any_ok, count(DISTINCT e) AS kinds, max(e) AS most_e, median(a)::DOUBLE AS middle,
  first(a ORDER BY c) FILTER (a IS NOT NULL AND c IS NOT NULL) AS at_least_c, coalesce(list(a ORDER BY n) FILTER (a IS NOT NULL), []) AS list_of_a,
  count(DISTINCT {a: a, e: e}) AS distinct_pairs
FROM r GROUP BY place

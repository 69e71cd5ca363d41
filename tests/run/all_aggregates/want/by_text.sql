WITH rows AS (SELECT * FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'})), firsts AS (SELECT s, b, min(id) AS id FROM rows WHERE b IS NOT NULL GROUP BY s, b),
 sets AS (SELECT s, to_json(list(b ORDER BY id))::VARCHAR AS each_b FROM firsts GROUP BY s)
SELECT g.*, coalesce(sets.each_b, '[]') AS each_b FROM (SELECT s, round(stddev_samp(a), 9) AS deviation, round(var_samp(d::DOUBLE), 9) AS spread, median(a) AS middle,
  round(quantile_cont(d::DOUBLE, 0.9), 9) AS high, (list(a ORDER BY id) FILTER (a IS NOT NULL))[1] AS first_a,
  (list(d ORDER BY id DESC) FILTER (d IS NOT NULL))[1] AS last_d, (list(id ORDER BY a, id) FILTER (a IS NOT NULL))[1] AS id_of_least,
  (list(id ORDER BY d DESC, id) FILTER (d IS NOT NULL AND id % 2 = 0))[1] AS id_of_most, bool_and(f) AS all_true, bool_or(f) FILTER (a > 0) AS some_true,
  to_json(coalesce(list(a ORDER BY id) FILTER (a IS NOT NULL), []))::VARCHAR AS every_a,
  string_agg(id::VARCHAR, '/' ORDER BY id) FILTER (id < 100) AS ids, count(DISTINCT b) AS kinds,
  round((stddev_samp(a) FILTER (f)) / (avg(a) FILTER (f)), 9) AS relative
FROM rows GROUP BY s) AS g LEFT JOIN sets ON g.s IS NOT DISTINCT FROM sets.s

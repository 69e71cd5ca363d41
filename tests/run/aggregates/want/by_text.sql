SELECT s, f, count(*) AS rows, count(a) AS values, count(*) FILTER (a > 0) AS positive, sum(a)::BIGINT AS total, avg(a) AS mean,
  min(d) AS least, max(d) AS most, min(t) AS first_time, sum(d)::DECIMAL(19, 2) AS decimal_total, count(DISTINCT a) AS distinct_values,
  (sum(a) FILTER (a > 0))::BIGINT AS positive_total, count(*) FILTER (f) / count(*) AS share
FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'}) GROUP BY s, f

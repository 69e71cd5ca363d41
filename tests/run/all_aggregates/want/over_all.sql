WITH rows AS (SELECT * FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'})), firsts AS (SELECT s, min(id) AS id FROM rows WHERE s IS NOT NULL GROUP BY s)
SELECT round(stddev_samp(d::DOUBLE), 9) AS deviation, round(median(d::DOUBLE), 9) AS middle, (SELECT to_json(list(s ORDER BY id))::VARCHAR FROM firsts) AS texts,
  (list(s ORDER BY t DESC, id) FILTER (s IS NOT NULL AND t IS NOT NULL))[1] AS newest, min(a)::DOUBLE AS least_place FROM rows

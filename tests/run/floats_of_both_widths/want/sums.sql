WITH r AS (FROM read_json('rows-*.ndjson', columns = {id: 'INTEGER', f: 'FLOAT', g: 'DOUBLE', n: 'SMALLINT'}))
SELECT n % 2 = 0 AS even, fsum(f) AS f, fsum(g) AS g, fsum(g * 1e16) FILTER (id % 2 = 0) AS exact, fsum(f) / count(*) AS mean_f, min(f) AS least, round(var_samp(f), 6) AS variance FROM r GROUP BY n % 2 = 0

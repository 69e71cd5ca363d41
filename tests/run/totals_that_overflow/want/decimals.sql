WITH r AS (SELECT (j ->> 'id')::INTEGER AS id, j ->> 'kind' AS kind, (j ->> 'a')::HUGEINT AS a, j ->> 'd' AS d FROM (SELECT json AS j FROM read_ndjson_objects('rows.ndjson'))),
g AS (SELECT kind, count(*) AS n, sum(a) AS a, sum(replace(d, '.', '')::HUGEINT) AS cents, max(d::DECIMAL(38, 2)) AS most FROM r GROUP BY kind),
w AS (SELECT id, kind, sum(a) OVER (PARTITION BY kind ORDER BY id) AS a FROM r)
SELECT kind, (cents * 0.01::DECIMAL(3, 2))::DECIMAL(38, 2) AS d, most FROM g WHERE abs(cents) < 10::HUGEINT ** 38

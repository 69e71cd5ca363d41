WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT (ts AT TIME ZONE 'Europe/Berlin')::DATE AS day, place, count(*) AS n, first(id ORDER BY ts, id) AS first, last(id ORDER BY ts, id) AS last, fsum(degrees::DOUBLE) / count(degrees) AS mean FROM r GROUP BY ALL

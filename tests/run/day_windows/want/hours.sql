WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT hour(ts AT TIME ZONE 'Europe/Berlin') AS hour, isodow(ts AT TIME ZONE 'Europe/Berlin') >= 6 AS weekend, count(*) AS n, count(*) FILTER (degrees > 20) / count(degrees) AS warm FROM r GROUP BY ALL

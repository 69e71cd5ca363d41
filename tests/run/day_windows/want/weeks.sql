WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT date_trunc('week', ts)::DATE AS week, count(*) AS n, count(degrees) AS known FROM r GROUP BY ALL

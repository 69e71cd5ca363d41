WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT date_trunc('month', ts AT TIME ZONE 'Europe/Berlin')::DATE AS month, count(*) AS n FROM r GROUP BY ALL

WITH r AS (SELECT *, "at" AT TIME ZONE 'Europe/Berlin' AS local FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}) WHERE "at" >= TIMESTAMPTZ '2025-01-01 00:00:00+00')
SELECT (date_trunc('month', local) + to_days(k))::DATE AS until, meter, sum(kwh)::DECIMAL(18,2) AS kwh
FROM r, range(1, 32) AS ks(k) WHERE local < date_trunc('month', local) + to_days(k) AND date_trunc('month', local) + to_days(k) <= date_trunc('month', local) + INTERVAL 1 MONTH GROUP BY ALL

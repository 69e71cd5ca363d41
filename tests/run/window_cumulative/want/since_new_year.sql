WITH r AS (SELECT *, date_trunc('year', "at") AS s FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}))
SELECT s AS window_start, least(s + to_days(k * 30), s + INTERVAL 1 YEAR) AS window_end, count(*) AS readings, sum(kwh)::DECIMAL(18,2) AS kwh
FROM r, range(1, 14) AS ks(k) WHERE "at" < least(s + to_days(k * 30), s + INTERVAL 1 YEAR) AND s + to_days((k - 1) * 30) < s + INTERVAL 1 YEAR GROUP BY ALL

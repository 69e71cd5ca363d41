WITH r AS (SELECT *, date_trunc('hour', "at" - INTERVAL 5 MINUTE) + INTERVAL 5 MINUTE AS s FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}))
SELECT s AS window_start, s + k * INTERVAL 15 MINUTE AS window_end, meter, count(*) AS readings, sum(kwh)::DECIMAL(18,2) AS kwh, max("at") AS last_one
FROM r, range(1, 5) AS ks(k) WHERE "at" < s + k * INTERVAL 15 MINUTE GROUP BY ALL

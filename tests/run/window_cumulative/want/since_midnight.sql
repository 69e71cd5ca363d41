WITH r AS (SELECT *, date_trunc('day', "at" AT TIME ZONE 'Europe/Berlin') AS day FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}) WHERE meter <> 'c'),
w AS (SELECT *, day AT TIME ZONE 'Europe/Berlin' AS s, (day + INTERVAL 1 DAY) AT TIME ZONE 'Europe/Berlin' AS last FROM r)
SELECT s AS window_start, least(s + to_hours(k), last) AS window_end, meter, count(*) AS readings, sum(kwh)::DECIMAL(18,2) AS kwh, (epoch(least(s + to_hours(k), last)) - epoch(s))::BIGINT // 3600 AS hours
FROM w, range(1, 26) AS ks(k) WHERE "at" < least(s + to_hours(k), last) AND s + to_hours(k) < last + INTERVAL 1 HOUR GROUP BY ALL

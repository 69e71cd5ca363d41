WITH r AS (SELECT *, date_trunc('day', "at" AT TIME ZONE 'Europe/Berlin') AS day FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'})),
w AS (SELECT *, day AT TIME ZONE 'Europe/Berlin' AS s, (day + INTERVAL 1 DAY) AT TIME ZONE 'Europe/Berlin' AS last FROM r)
SELECT least(s + to_hours(k * 6), last) AS until, count(*) AS readings
FROM w, range(1, 6) AS ks(k) WHERE "at" < least(s + to_hours(k * 6), last) AND s + to_hours((k - 1) * 6) < last GROUP BY ALL

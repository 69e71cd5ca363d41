WITH r AS (SELECT *, date_trunc('quarter', "at" AT TIME ZONE 'America/New_York') AS q FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'})),
w AS (SELECT *, q AT TIME ZONE 'America/New_York' AS s, (q + INTERVAL 3 MONTH) AT TIME ZONE 'America/New_York' AS last FROM r)
SELECT s AS window_start, least(s + to_hours(12 * k), last) AS window_end, count(*) AS readings FROM w, range(1, 190) AS ks(k)
WHERE "at" < least(s + to_hours(12 * k), last) AND s + to_hours(12 * (k - 1)) < last GROUP BY ALL HAVING count(*) = 7

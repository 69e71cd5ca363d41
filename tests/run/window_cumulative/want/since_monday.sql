WITH r AS (SELECT *, date_trunc('week', "at") AS s FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', meter: 'VARCHAR', kwh: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}) WHERE meter = 'a'),
w AS (SELECT (s + to_days(k))::DATE AS until, meter, kwh, row_number() OVER (PARTITION BY s, k ORDER BY kwh DESC, "at") AS place FROM r, range(1, 8) AS ks(k) WHERE "at" < s + to_days(k))
SELECT * FROM w WHERE place <= 2

WITH r AS (FROM read_csv('raw.csv', header = true, columns = {id: 'BIGINT', sensor: 'VARCHAR', raw: 'INTEGER', "at": 'TIMESTAMPTZ'})),
c AS (FROM read_csv('calibrations.csv', header = true, columns = {sensor: 'VARCHAR', from_day: 'DATE', to_day: 'DATE', factor: 'DECIMAL(6,4)', shift: 'DECIMAL(6,2)'})),
j AS (SELECT r.*, factor, shift FROM r LEFT JOIN c ON r.sensor = c.sensor AND "at"::DATE >= from_day AND ("at"::DATE <= to_day OR to_day IS NULL))
SELECT sensor, count(*) AS readings, list(id ORDER BY "at", id) AS ids FROM j WHERE factor IS NULL GROUP BY sensor

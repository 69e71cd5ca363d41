WITH m AS (SELECT *, "at" AT TIME ZONE 'Europe/Paris' AS local FROM read_csv('meter.csv', header = true, columns = {id: 'BIGINT', kwh: 'DECIMAL(8,3)', "at": 'TIMESTAMPTZ'})),
p AS (SELECT *, hour(local) >= 22 OR hour(local) < 6 OR isodow(local) = 7 AS is_low FROM m),
c AS (SELECT *, (((kwh * 1000)::BIGINT * (CASE WHEN is_low THEN 18920 ELSE 27540 END) + 500000) // 1000000 * 0.01::DECIMAL(3, 2))::DECIMAL(14, 2) AS cost FROM p)
SELECT id, strftime(local, '%a %H:%M') AS local, cost FROM c WHERE cost > 20

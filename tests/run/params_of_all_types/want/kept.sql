SELECT id, kind = 'a' AS is_kind, (2.75 * id)::DECIMAL(17, 2) AS price, value * 0.5::DOUBLE AS value, 'none' AS note, "at" + INTERVAL 1 HOUR AS ends
FROM read_csv('in/rows.csv', header = true, columns = {id: 'INTEGER', kind: 'VARCHAR', value: 'DOUBLE', "at": 'TIMESTAMPTZ'})
WHERE id BETWEEN 1 AND 39 AND "at"::DATE >= DATE '2026-01-03' AND "at" + INTERVAL 1 HOUR <= TIMESTAMPTZ '2026-01-19 23:00:00Z'

WITH p AS (FROM read_csv('prescriptions.csv', header = true, columns = {id: 'INTEGER', patient: 'INTEGER', drug: 'VARCHAR', first_day: 'DATE', days: 'INTEGER'}))
SELECT a.patient, a.id AS first, b.id AS second, level, greatest(a.first_day, b.first_day) AS begins
FROM p AS a JOIN p AS b ON a.patient = b.patient AND a.id <> b.id AND a.first_day < b.first_day + b.days AND b.first_day < a.first_day + a.days
JOIN read_csv('conflicts.csv', header = true, columns = {a: 'VARCHAR', b: 'VARCHAR', level: 'TINYINT'}) AS c ON a.drug = c.a AND b.drug = c.b
WHERE a.days > 0 AND b.days > 0

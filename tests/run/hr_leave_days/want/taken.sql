WITH l AS (SELECT unnest(leaves, recursive := true) FROM read_json('leaves.json', columns = {leaves: 'STRUCT(id INTEGER, person VARCHAR, first DATE, days INTEGER[], kind VARCHAR)[]'})),
h AS (FROM read_csv('holidays.csv', header = true, columns = {day: 'DATE', name: 'VARCHAR'})), d AS (SELECT * EXCLUDE (days), first + unnest(days) AS day FROM l)
SELECT person, year(day) AS year, kind, count(*) AS working_days, min(day) AS first_day, max(day) AS last_day, count(DISTINCT id) AS leaves
FROM d WHERE isodow(day) < 6 AND day NOT IN (SELECT day FROM h) GROUP BY ALL

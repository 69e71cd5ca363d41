WITH v AS (FROM read_csv('visits.csv', header = true, columns = {page: 'VARCHAR', day: 'DATE', visits: 'INTEGER'}))
SELECT v.* FROM v, (VALUES (1), (2)) AS runs WHERE day = DATE '2026-01-03'

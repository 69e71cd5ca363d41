WITH r AS (FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', room: 'VARCHAR', value: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT "at"::DATE AS day, room, 'no time at all' AS "at", count(*) AS n, first(value ORDER BY "at") AS first FROM r GROUP BY "at"::DATE, room

WITH r AS (FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', room: 'VARCHAR', value: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT date_trunc('day', "at") + to_hours(hour("at") // 6 * 6) AS window_start, date_trunc('day', "at") + to_hours(hour("at") // 6 * 6 + 6) AS window_end, room, count(*) AS n, last(value ORDER BY "at") AS latest
FROM r WHERE hour("at") >= 6 GROUP BY ALL

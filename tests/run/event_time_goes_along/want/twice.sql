WITH r AS (FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', room: 'VARCHAR', value: 'INTEGER', "at": 'TIMESTAMPTZ'})), a AS (SELECT date_trunc('hour', "at") + to_minutes(minute("at") // 10 * 10) AS w, room, max(value) AS most FROM r GROUP BY ALL),
b AS (SELECT date_trunc('hour', w) AS h, room, avg(most) AS mean, count(*) AS windows FROM a GROUP BY ALL),
c AS (SELECT *, date_trunc('day', h) + to_hours(hour(h) // 12 * 12) AS s FROM b),
d AS (SELECT *, unnest([s, s - INTERVAL 12 HOURS]) AS half_day FROM c)
SELECT half_day, count(DISTINCT room) AS rooms, sum(windows)::BIGINT AS windows, first(mean ORDER BY h DESC, room DESC) AS last_mean FROM d GROUP BY half_day
